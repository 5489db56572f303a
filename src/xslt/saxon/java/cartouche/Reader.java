// A SAX parser that opens nothing, and remembers why it gave up.

package cartouche;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import javax.xml.XMLConstants;
import javax.xml.parsers.SAXParserFactory;
import org.xml.sax.Attributes;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.XMLFilterImpl;

final class Reader extends XMLFilterImpl {
    static final String NO_DOCTYPE = "http://apache.org/xml/features/disallow-doctype-decl";

    /** Why the last parse failed. */
    SAXException failure;
    /** The prefixes that the root element declares, with their namespaces. */
    final Map<String, String> prefixes = new HashMap<>();
    private final String file;
    private boolean inside;

    /** A record has no DOCTYPE; a stylesheet may have one, for entities that it defines itself. */
    static Reader of(String file, boolean record) {
        try {
            SAXParserFactory factory = SAXParserFactory.newInstance();
            factory.setNamespaceAware(true);
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature(NO_DOCTYPE, record);
            Reader reader = new Reader(file);
            reader.setParent(factory.newSAXParser().getXMLReader());
            return reader;
        } catch (Exception cause) {
            throw new IllegalStateException(cause);
        }
    }

    private Reader(String file) {
        this.file = file;
    }

    @Override
    public void parse(InputSource input) throws SAXException, IOException {
        failure = null;
        try {
            super.parse(input);
        } catch (SAXException cause) {
            failure = cause;
            throw cause;
        } catch (IOException cause) {
            // Bytes that are no text in the document's encoding are an IOException to Java's parser.
            failure = new SAXException(cause.getMessage());
            throw failure;
        }
    }

    /** An entity or a DTD somewhere else; left out in silence, the text behind it would be lost. */
    @Override
    public InputSource resolveEntity(String publicId, String systemId) throws SAXException {
        throw new Refusal(file, systemId);
    }

    @Override
    public void startPrefixMapping(String prefix, String uri) throws SAXException {
        if (!inside) {
            prefixes.put(prefix, uri);
        }
        super.startPrefixMapping(prefix, uri);
    }

    @Override
    public void startElement(String uri, String local, String name, Attributes attributes) throws SAXException {
        inside = true;
        super.startElement(uri, local, name, attributes);
    }

    static final class Refusal extends SAXException {
        private static final long serialVersionUID = 1;
        final String file;

        Refusal(String file, String entity) {
            super(entity);
            this.file = file;
        }
    }
}
