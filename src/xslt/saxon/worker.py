"""Saxon's worker on Python: compiles one stylesheet by saxonche, then transforms one record after the other.

Requests come in frames on standard input, answers leave on standard output; frame.rs describes them. Saxon may open no
URI but data: ones, so a stylesheet's parts, which the parent is asked for, are put into it as such. The worker ends when
its input does. Written for saxonche 13.1.
"""
import base64, os, re, resource, struct, sys, urllib.parse
from xml.parsers import expat

OUT_OF_MEMORY = 3
MOST_MESSAGES = 1000
LARGEST = 64 * 1024 * 1024
XSL = "http://www.w3.org/1999/XSL/Transform"
FEATURE = "http://saxon.sf.net/feature/"
LOCKS = {
    "allow-external-functions": "off",
    "disableXslEvaluate": "on",
    "allowedProtocols": "data",
    # What parse-xml() is given is data, where a DOCTYPE could name a file.
    "parserFeature?uri=http%3A%2F%2Fapache.org%2Fxml%2Ffeatures%2Fdisallow-doctype-decl": "true",
}
ATTRIBUTE = re.compile(rb"\s+([^\s=/>]+)\s*=\s*(\"[^\"]*\"|'[^']*')")
SHOWN = re.compile(r"(?:data:application/)?xml;base64,([A-Za-z0-9+/=]+)")
PLACE = re.compile(r"on line (\d+)(?: column \d+)? (?:of|in) (\S+?):?\s")

# The scheme of stylesheets that are part of the program; a library that does not know it would not resolve against it.
urllib.parse.uses_relative.append("embedded")

# Saxon, or what it is made of, must not write between the frames.
frames_in = os.fdopen(os.dup(0), "rb")
frames_out = os.fdopen(os.dup(1), "wb")
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
os.dup2(2, 1)


class Refused(Exception):
    """Why a stylesheet or a record is not run: kind, file, line, words."""


# ── Frames ───────────────────────────────────────────────────────────────────────────────────────────────────────────

def receive():
    head = frames_in.read(4)
    if len(head) < 4:
        os._exit(0)
    body = frames_in.read(struct.unpack(">I", head)[0])
    fields, at = [], 5
    while at < len(body):
        length = struct.unpack_from(">I", body, at)[0]
        fields.append(body[at + 4:at + 4 + length])
        at += 4 + length
    return chr(body[0]), struct.unpack_from(">I", body, 1)[0], fields


def send(kind, number, fields):
    parts = [field if isinstance(field, bytes) else str(field).encode("utf-8", "replace") for field in fields]
    body = b"".join(struct.pack(">I", len(part)) + part for part in parts)
    frames_out.write(struct.pack(">I", 5 + len(body)) + kind.encode() + struct.pack(">I", number) + body)
    frames_out.flush()


# ── Compiling ────────────────────────────────────────────────────────────────────────────────────────────────────────

class Sheet:
    """A stylesheet's parts as data: URIs, and what its root declares."""

    def __init__(self):
        self.parts, self.names, self.prefixes = {}, {}, None

    def data_uri(self, uri, text, above):
        if uri in above:
            raise Refused("compile", above[-1], "", f"{uri} includes itself")
        text = self.with_parts(uri, text, above + (uri,))
        if len(text) > LARGEST:
            raise Refused("compile", uri, "", "it is too large with all that it includes")
        encoded = base64.b64encode(text).decode()
        self.names[encoded] = uri
        return text, "data:application/xml;base64," + encoded

    def with_parts(self, uri, text, above):
        """The text with the href of each xsl:include and xsl:import replaced by what it means; no line is moved."""
        pieces, copied = [], 0
        for start, href, base in self.includes(uri, text):
            part = urllib.parse.urljoin(base, href)
            if part not in self.parts:
                send("L", 0, [part, uri])
                kind, _, fields = receive()
                if kind != "P":
                    raise Refused("compile", uri, "", f"including {part} is refused")
                self.parts[part] = fields[0]
            first, last = href_at(text, start)
            pieces += [text[copied:first], self.data_uri(part, self.parts[part], above)[1].encode()]
            copied = last
        return b"".join(pieces) + text[copied:]

    def includes(self, uri, text):
        found, bases, prefixes = [], [uri], {}
        parser = expat.ParserCreate(namespace_separator=" ")

        def start(name, attributes):
            if self.prefixes is None:
                self.prefixes = dict(prefixes)
            base = attributes.get("http://www.w3.org/XML/1998/namespace base", "")
            bases.append(urllib.parse.urljoin(bases[-1], base))
            if name in (XSL + " include", XSL + " import") and "href" in attributes:
                found.append((parser.CurrentByteIndex, attributes["href"], bases[-1]))

        parser.StartNamespaceDeclHandler = lambda prefix, namespace: prefixes.__setitem__(prefix, namespace)
        parser.StartElementHandler = start
        parser.EndElementHandler = lambda _: bases.pop()
        parser.StartDoctypeDeclHandler = lambda *_: doctype("saxonche runs no stylesheet with a DOCTYPE")
        parse(parser, text, uri)
        return found

    def shown(self, message):
        """Saxon's words, with the names of the files for their data: URIs."""
        def name(match):
            return next((uri for text, uri in self.names.items() if text.startswith(match[1])), "the stylesheet")
        return re.sub(r"\s+", " ", SHOWN.sub(name, message)).strip()


def href_at(text, start):
    """Where the value of href begins and ends in the tag that starts there."""
    at = re.compile(rb"<[^\s/>]+").match(text, start).end()
    while (attribute := ATTRIBUTE.match(text, at)) is not None:
        if attribute[1] == b"href":
            return attribute.start(2) + 1, attribute.end(2) - 1
        at = attribute.end()
    raise Refused("compile", "", "", "the href of an include cannot be found; is the file in UTF-8?")


def parse(parser, text, file):
    try:
        parser.Parse(text, True)
    except expat.ExpatError as cause:
        raise Refused("syntax", file, cause.lineno, expat.ErrorString(cause.code))


def doctype(words):
    raise Refused("doctype", "", "", words)


def compile_sheet(saxon, uri, text):
    sheet = Sheet()
    text, address = sheet.data_uri(uri, text, ())
    try:
        builder = saxon.new_document_builder()
        builder.set_line_numbering(True)
        builder.set_base_uri(address)
        node = builder.parse_xml(xml_text=text.decode("utf-8"), encoding="utf-8")
        program = saxon.new_xslt30_processor().compile_stylesheet(stylesheet_node=node)
        program.set_save_xsl_message(True)
        program.set_property("!encoding", "UTF-8")
        return sheet, program
    except Exception as cause:
        raise explained("compile", sheet, cause)


def explained(kind, sheet, cause):
    message = sheet.shown(str(cause))
    if "OutOfMemoryError" in message or isinstance(cause, MemoryError):
        os._exit(OUT_OF_MEMORY)
    place = PLACE.search(message + " ")
    file, line = (place[2], place[1]) if place else ("", "")
    if "Processing terminated by xsl:message" in message:
        kind = "terminated"
    if "Too many nested" in message or "StackOverflowError" in message:
        kind = "depth"
    return Refused(kind, file, line, message)


# ── Transforming ─────────────────────────────────────────────────────────────────────────────────────────────────────

def apply(saxon, sheet, program, fields):
    record = fields[0]
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = lambda *_: doctype("the record has a DOCTYPE")
    parse(parser, record, "")
    program.clear_parameters()
    for name, value in zip(fields[1::2], fields[2::2]):
        # Untyped, so that xsl:param as="xs:integer" takes them too.
        value = saxon.make_atomic_value("untypedAtomic", value.decode("utf-8"), encoding="utf-8")
        program.set_parameter(clark(sheet, name.decode("utf-8")), value)
    try:
        node = saxon.parse_xml(xml_text=record.decode("utf-8"), encoding="utf-8")
        result = program.transform_to_string(xdm_node=node)
        return (result or "").encode("utf-8")
    except Exception as cause:
        raise explained("failed", sheet, cause)


def clark(sheet, name):
    prefix, colon, local = name.partition(":")
    if name.startswith("{") or not colon:
        return name
    if prefix not in (sheet.prefixes or {}):
        words = f"the prefix of {name} is not declared at the root of the stylesheet"
        raise Refused("parameter", "", "", words)
    return "{" + sheet.prefixes[prefix] + "}" + local


def take_messages(program):
    said = program.get_xsl_messages()
    program.clear_xsl_messages()
    count = 0 if said is None else min(said.size, MOST_MESSAGES)
    return [said.item_at(at).string_value.strip() for at in range(count)]


def held():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmData:"))


def main():
    memory = int(sys.argv[1])
    import saxonche  # here, so that its absence is told by the exception's name
    saxon = saxonche.PySaxonProcessor(license=False)
    for name, value in LOCKS.items():
        saxon.set_configuration_property(FEATURE + name, value)
    # Private writable memory, over what Saxon itself has; the address space is no measure, because Saxon's heap reserves
    # far more than it uses.
    memory += held()
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    send("H", 0, [saxon.version.replace(" from Saxonica", ""), "1"])
    sheet = program = None
    while True:
        kind, number, fields = receive()
        try:
            if kind == "C":
                sheet, program = compile_sheet(saxon, fields[0].decode("utf-8"), fields[1])
                send("K", number, [])
            else:
                result = apply(saxon, sheet, program, fields)
                send("D", number, [result] + take_messages(program))
        except Refused as refused:
            if kind == "C":
                send("R", number, refused.args)
            else:
                send("F", number, list(refused.args) + take_messages(program))
        except MemoryError:
            os._exit(OUT_OF_MEMORY)


main()
