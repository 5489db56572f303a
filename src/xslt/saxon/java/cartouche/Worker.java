// Saxon's worker on Java: compiles one stylesheet, then transforms records on as many threads as there are requests.
//
// Requests come in frames on standard input, answers leave on standard output; frame.rs describes them. The worker opens
// no file and no socket: what a stylesheet includes it asks its parent for, and all else is refused. It ends when its
// input does. build.sh compiles it; written for Saxon-HE 9.9, which is Debian's libsaxonhe-java.

package cartouche;

import static java.nio.charset.StandardCharsets.UTF_8;

import cartouche.Frames.Frame;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.xml.transform.ErrorListener;
import javax.xml.transform.Source;
import javax.xml.transform.SourceLocator;
import javax.xml.transform.TransformerException;
import javax.xml.transform.sax.SAXSource;
import net.sf.saxon.Configuration;
import net.sf.saxon.expr.instruct.TerminationException;
import net.sf.saxon.functions.IriToUri;
import net.sf.saxon.lib.Feature;
import net.sf.saxon.s9api.ItemType;
import net.sf.saxon.s9api.Processor;
import net.sf.saxon.s9api.QName;
import net.sf.saxon.s9api.SaxonApiException;
import net.sf.saxon.s9api.Serializer;
import net.sf.saxon.s9api.XdmAtomicValue;
import net.sf.saxon.s9api.XdmValue;
import net.sf.saxon.s9api.Xslt30Transformer;
import net.sf.saxon.s9api.XsltCompiler;
import net.sf.saxon.s9api.XsltExecutable;
import net.sf.saxon.trans.XPathException;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

public final class Worker implements ErrorListener {
    /** The exit code that says: this record needed more memory than there is. */
    static final int OUT_OF_MEMORY = 3;
    private static final String PARSER_FEATURE = "http://saxon.sf.net/feature/parserFeature?uri=";
    private static final int MOST_MESSAGES = 1000;

    private final Frames frames;
    private final Map<String, byte[]> parts = new HashMap<>();
    private final List<TransformerException> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final ThreadLocal<Reader> recordReader = ThreadLocal.withInitial(() -> Reader.of("", true));
    private final Processor processor = new Processor(false);
    private Map<String, String> prefixes = Map.of();
    private XsltExecutable sheet;
    private boolean compiling;

    private Worker(Frames frames) {
        this.frames = frames;
        Configuration config = processor.getUnderlyingConfiguration();
        config.setConfigurationProperty(Feature.ALLOW_EXTERNAL_FUNCTIONS, false);
        config.setConfigurationProperty(Feature.DISABLE_XSL_EVALUATE, true);
        // What parse-xml() is given is data, where a DOCTYPE could name a file.
        config.setConfigurationProperty(PARSER_FEATURE + URLEncoder.encode(Reader.NO_DOCTYPE, UTF_8), true);
        config.setURIResolver(this::part);
        config.setUnparsedTextURIResolver((uri, encoding, configuration) -> {
            throw new XPathException("reading " + uri + " is refused", "FOUT1170");
        });
        config.setCollectionFinder((context, uri) -> {
            throw new XPathException("reading the collection " + uri + " is refused", "FODC0004");
        });
    }

    public static void main(String[] arguments) throws Exception {
        Frames frames = new Frames(new FileInputStream(FileDescriptor.in), new FileOutputStream(FileDescriptor.out));
        // Loaded now: the folder that the classes lie in is gone after the greeting.
        List.of(BadParameter.class, Forbidden.class, Silent.class, Frame.class, Reader.class, Reader.Refusal.class);
        System.setIn(new ByteArrayInputStream(new byte[0]));
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        try {
            new Worker(frames).serve();
        } catch (EOFException end) {
            Runtime.getRuntime().halt(0); // the parent is gone; what still runs is for nobody
        }
    }

    private void serve() throws IOException {
        String lanes = Integer.toString(Runtime.getRuntime().availableProcessors());
        ExecutorService threads = Executors.newCachedThreadPool();
        frames.send(new Frame('H', 0).with("Saxon-HE " + processor.getSaxonProductVersion()).with(lanes));
        while (true) {
            Frame request = frames.receive();
            switch (request.kind) {
                case 'C': compile(request); break;
                case 'A': threads.execute(() -> apply(request)); break;
                default: throw new IOException("unknown request " + request.kind);
            }
        }
    }

    // ── Compiling ────────────────────────────────────────────────────────────────────────────────────────────────────

    private void compile(Frame request) {
        String uri = request.text(0);
        parts.put(uri, request.fields.get(1));
        XsltCompiler compiler = processor.newXsltCompiler();
        compiler.setErrorListener(this);
        compiler.setURIResolver(this::part);
        Reader reader = Reader.of(uri, false);
        compiling = true;
        try {
            sheet = compiler.compile(source(reader, uri));
            prefixes = reader.prefixes;
            Frame answer = new Frame('K', request.id);
            warnings.forEach(answer::with);
            frames.send(answer);
        } catch (SaxonApiException | RuntimeException | StackOverflowError cause) {
            refuse(request.id, problems.isEmpty() ? cause : problems.get(0));
        } finally {
            compiling = false;
        }
    }

    private void refuse(int id, Throwable cause) {
        Reader.Refusal entity = within(cause, Reader.Refusal.class);
        SAXParseException syntax = within(cause, SAXParseException.class);
        Frame answer = new Frame('R', id);
        if (entity != null) {
            answer.with("entity").with(entity.file).with("").with(entity.getMessage());
        } else if (syntax != null) {
            answer.with("syntax").with(syntax.getSystemId()).withLine(syntax.getLineNumber()).with(syntax.getMessage());
        } else {
            explain(answer.with("compile"), cause);
        }
        frames.send(answer);
    }

    /** A part of the stylesheet, by the URI that it is included by; while compiling the parent is asked for new ones. */
    private Source part(String href, String base) throws TransformerException {
        String uri = absolute(href, base);
        if (!parts.containsKey(uri)) {
            if (!compiling) {
                throw new Forbidden(uri);
            }
            parts.put(uri, ask(uri, base));
        }
        return source(Reader.of(uri, false), uri);
    }

    private static String absolute(String href, String base) throws TransformerException {
        try {
            URI relative = new URI(IriToUri.iriToUri(href).toString());
            URI uri = base == null || base.isEmpty() ? relative : new URI(base).resolve(relative);
            String text = uri.toString();
            // java.net.URI writes file:/x where the parent writes file:///x, and resolves "" to the folder.
            text = text.startsWith("file:/") && !text.startsWith("file://") ? "file://" + text.substring(5) : text;
            return href.isEmpty() && base != null ? base : text;
        } catch (URISyntaxException cause) {
            throw new Forbidden(href);
        }
    }

    private byte[] ask(String uri, String base) throws TransformerException {
        try {
            frames.send(new Frame('L', 0).with(uri).with(base));
            Frame answer = frames.receive();
            if (answer.kind == 'P') {
                return answer.fields.get(0);
            }
        } catch (IOException cause) {
            Runtime.getRuntime().halt(0);
        }
        throw new XPathException("including " + uri + " is refused", "XTSE0165");
    }

    private Source source(Reader reader, String uri) {
        InputSource input = new InputSource(new ByteArrayInputStream(parts.get(uri)));
        input.setSystemId(uri);
        return new SAXSource(reader, input);
    }

    // ── Transforming ─────────────────────────────────────────────────────────────────────────────────────────────────

    private void apply(Frame request) {
        List<String> messages = new ArrayList<>();
        Reader reader = recordReader.get();
        reader.failure = null;
        try {
            ByteArrayOutputStream result = new ByteArrayOutputStream();
            Xslt30Transformer transformer = sheet.load30();
            Silent listener = new Silent();
            transformer.setErrorListener(listener);
            transformer.setMessageListener((content, terminate, locator) -> {
                if (messages.size() < MOST_MESSAGES) {
                    messages.add(content.getStringValue().strip());
                }
            });
            transformer.setStylesheetParameters(parameters(request));
            InputSource input = new InputSource(new ByteArrayInputStream(request.fields.get(0)));
            Serializer serializer = processor.newSerializer(result);
            serializer.setOutputProperty(Serializer.Property.ENCODING, "UTF-8");
            transformer.transform(new SAXSource(reader, input), serializer);
            if (listener.passedOver != null) {
                throw new SaxonApiException(listener.passedOver);
            }
            Frame answer = new Frame('D', request.id).with(result.toByteArray());
            messages.forEach(answer::with);
            frames.send(answer);
        } catch (OutOfMemoryError cause) {
            Runtime.getRuntime().halt(OUT_OF_MEMORY);
        } catch (SaxonApiException | RuntimeException | StackOverflowError cause) {
            Frame answer = fail(new Frame('F', request.id), reader.failure, cause);
            messages.forEach(answer::with);
            frames.send(answer);
        }
    }

    private Map<QName, XdmValue> parameters(Frame request) throws SaxonApiException {
        Map<QName, XdmValue> parameters = new HashMap<>();
        for (int at = 1; at + 1 < request.fields.size(); at += 2) {
            // Untyped, as Saxon's own command line passes them, so that xsl:param as="xs:integer" takes them too.
            parameters.put(name(request.text(at)), new XdmAtomicValue(request.text(at + 1), ItemType.UNTYPED_ATOMIC));
        }
        return parameters;
    }

    private QName name(String name) {
        int colon = name.indexOf(':');
        if (name.startsWith("{") || colon < 0) {
            return QName.fromClarkName(name);
        }
        String uri = prefixes.get(name.substring(0, colon));
        if (uri == null) {
            throw new BadParameter("the prefix of " + name + " is not declared at the root of the stylesheet");
        }
        return new QName(name.substring(0, colon), uri, name.substring(colon + 1));
    }

    private static Frame fail(Frame answer, SAXException parse, Throwable cause) {
        if (parse != null) {
            int line = parse instanceof SAXParseException ? ((SAXParseException) parse).getLineNumber() : 0;
            answer.with(parse.getMessage().contains("DOCTYPE") ? "doctype" : "syntax");
            return answer.with("").withLine(line).with(parse.getMessage());
        }
        if (cause instanceof BadParameter) {
            return answer.with("parameter").with("").with("").with(cause.getMessage());
        }
        XPathException failed = within(cause, XPathException.class);
        String code = failed == null ? "" : failed.getErrorCodeLocalPart();
        // Saxon 9.9 gives templates that call each other without end no code, 10 and newer SXLM0001.
        String words = String.valueOf(cause.getMessage());
        boolean deep = cause instanceof StackOverflowError || words.startsWith("Too many nested");
        boolean terminated = "XTMM9000".equals(code) || within(cause, TerminationException.class) != null;
        return explain(answer.with(deep ? "depth" : terminated ? "terminated" : "failed"), cause);
    }

    /** Adds file, line and words of what Saxon complains about. */
    private static Frame explain(Frame answer, Throwable cause) {
        String file = null;
        int line = -1;
        for (Throwable at = cause; at != null && line <= 0; at = at.getCause()) {
            SourceLocator place = at instanceof TransformerException ? ((TransformerException) at).getLocator() : null;
            if (place != null) {
                file = place.getSystemId();
                line = place.getLineNumber();
            }
        }
        XPathException failed = within(cause, XPathException.class);
        String code = failed == null ? null : failed.getErrorCodeLocalPart();
        String message = cause.getMessage() == null ? cause.toString() : cause.getMessage().strip();
        return answer.with(file).withLine(line).with(code == null ? message : code + ": " + message);
    }

    private static <T> T within(Throwable cause, Class<T> sought) {
        for (Throwable at = cause; at != null; at = at.getCause()) {
            if (sought.isInstance(at)) {
                return sought.cast(at);
            }
        }
        return null;
    }

    // ── What Saxon says ──────────────────────────────────────────────────────────────────────────────────────────────

    @Override
    public void warning(TransformerException cause) {
        warnings.add(cause.getMessageAndLocation());
    }

    @Override
    public void error(TransformerException cause) {
        problems.add(cause);
    }

    @Override
    public void fatalError(TransformerException cause) {
        problems.add(cause);
    }

    /**
     * Errors of a transform come as exceptions too, so nothing need be printed. But what document() is refused Saxon 9.9
     * passes over with a warning, and an empty result would look like a record that says nothing.
     */
    private static final class Silent implements ErrorListener {
        Forbidden passedOver;

        @Override
        public void warning(TransformerException cause) {
            Forbidden forbidden = within(cause, Forbidden.class);
            passedOver = passedOver == null ? forbidden : passedOver;
        }

        @Override
        public void error(TransformerException cause) {}

        @Override
        public void fatalError(TransformerException cause) {}
    }

    private static final class Forbidden extends XPathException {
        private static final long serialVersionUID = 1;

        Forbidden(String uri) {
            super("reading " + uri + " is refused", "FODC0005");
        }
    }

    private static final class BadParameter extends RuntimeException {
        private static final long serialVersionUID = 1;

        BadParameter(String message) {
            super(message);
        }
    }
}
