/*
 * The part of the stylesheet engine that needs libxslt's headers: parse, compile, apply, serialise.
 *
 * Everything that decides (which file may be read, which version is run, how much memory is too much) is asked of Rust
 * through `cx_host`; here is only what pokes into C structures. Written against libxml2 2.9.14 and libxslt 1.1.35.
 */
#define _GNU_SOURCE /* pthread_getattr_np */
#include <pthread.h>
#include <string.h>
#include <libxml/encoding.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <libxslt/documents.h>
#include <libxslt/imports.h>
#include <libxslt/security.h>
#include <libxslt/transform.h>
#include <libxslt/variables.h>
#include <libxslt/xslt.h>
#include <libxslt/xsltutils.h>
#include <libexslt/exslt.h>

#include "shim.h"

/* CDATA becomes text: XPath of libxml2 would otherwise see two text nodes where the record has one. Never NOENT, DTDLOAD
 * or HUGE: a record has no DOCTYPE, and the parser's own bounds (256 levels, 10 MB a text) stay in force. */
#define RECORD_OPTIONS (XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_COMPACT)
/* A stylesheet may use entities of its internal subset; libxml2 bounds how far they may grow. */
#define SHEET_OPTIONS (XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_NOENT)
/* A parser that is used again keeps every name it has met; past this it is replaced (at 10 MB libxml2 would give up). */
#define NAMES_KEPT (1024 * 1024)
/* libxml2 counts XPath levels up to 5,000, which fills a 2 MiB stack; starting the count here leaves 1,000. */
#define XPATH_LEVELS_TAKEN 4000
/* What must stay free below the deepest allocation: the frames down to the next place where a stop is noticed. */
#define STACK_RESERVE (256 * 1024)

struct cx_host cx_host;
__thread struct cx_now cx_now;

static xsltSecurityPrefsPtr forbidden;

static char *duplicate(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = cx_host.allocate(size);

    return copy == NULL ? NULL : memcpy(copy, text, size);
}

static xmlParserInputPtr refuse_entity(const char *uri, const char *id, xmlParserCtxtPtr parser)
{
    (void)parser;
    cx_host.external(uri != NULL ? uri : id);
    return NULL;
}

static int may_read(xsltSecurityPrefsPtr prefs, xsltTransformContextPtr transform, const char *value)
{
    (void)prefs;
    (void)transform;
    return value != NULL && cx_host.may_read(value);
}

static void refuse_doctype(void *parser, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id)
{
    (void)name;
    (void)public_id;
    (void)system_id;
    cx_now.doctype = 1;
    xmlStopParser(parser);
}

static xmlDocPtr parse(xmlParserCtxtPtr parser, const struct cx_text *text, const char *uri, int options)
{
    xmlParserCtxtPtr outer = cx_now.parser;
    xmlDocPtr doc;

    cx_now.parser = parser;
    cx_now.bad_namespace = 0;
    doc = xmlCtxtReadMemory(parser, text->bytes, (int)text->length, uri, NULL, options);
    cx_now.parser = outer;
    /* An undeclared prefix is only an error "of namespaces" to libxml2: the element would silently be in none. A parser
     * that was stopped at a DOCTYPE calls the little that it has seen a well-formed document. */
    if (doc != NULL && (cx_now.bad_namespace || xmlDocGetRootElement(doc) == NULL)) {
        xmlFreeDoc(doc);
        doc = NULL;
    }
    return doc;
}

static xmlDocPtr parse_sheet(const struct cx_text *text, const char *uri, xmlDictPtr names)
{
    xmlParserCtxtPtr parser = xmlNewParserCtxt();
    xmlDocPtr doc;

    if (parser == NULL)
        return NULL;
    if (names != NULL) { /* libxslt compares names by address: one dictionary for all parts of a stylesheet */
        xmlDictFree(parser->dict);
        parser->dict = names;
        xmlDictReference(names);
    }
    doc = parse(parser, text, uri, SHEET_OPTIONS);
    xmlFreeParserCtxt(parser);
    return doc;
}

static int accept(xmlDocPtr doc, const char *uri)
{
    xmlNodePtr root = xmlDocGetRootElement(doc);
    const char *ns = root->ns != NULL ? (const char *)root->ns->href : NULL;
    int sheet = ns != NULL && strcmp(ns, (const char *)XSLT_NAMESPACE) == 0;
    xmlChar *version = sheet ? xmlGetNoNsProp(root, BAD_CAST "version")
                             : xmlGetNsProp(root, BAD_CAST "version", XSLT_NAMESPACE);
    int accepted = cx_host.accept(uri, ns, (const char *)root->name, (const char *)version);

    xmlFree(version);
    return accepted;
}

/* libxslt's only way to a file: xsl:include and xsl:import while compiling, document() while transforming. */
static xmlDocPtr load(const xmlChar *uri, xmlDictPtr names, int options, void *from, xsltLoadType type)
{
    struct cx_text text = {0};
    const char *including = NULL;
    xmlDocPtr doc;

    (void)options;
    if (type == XSLT_LOAD_STYLESHEET && from != NULL && ((xsltStylesheetPtr)from)->doc != NULL)
        including = (const char *)((xsltStylesheetPtr)from)->doc->URL;
    if (!cx_host.load((const char *)uri, including, type == XSLT_LOAD_DOCUMENT, &text))
        return NULL;
    doc = parse_sheet(&text, (const char *)uri, names);
    if (doc != NULL && type == XSLT_LOAD_STYLESHEET && !accept(doc, (const char *)uri)) {
        xmlFreeDoc(doc);
        doc = NULL;
    }
    return doc;
}

int cx_initialize(const struct cx_host *host)
{
    cx_host = *host;
    if (xmlMemSetup(host->release, host->allocate, host->reallocate, duplicate) != 0)
        return 0;
    xmlInitParser();
    xmlXPathInit(); /* lazily it would be a race between threads (seen by ThreadSanitizer with 2.9.14) */
    xsltInit();
    exsltRegisterAll();
    xmlSetExternalEntityLoader(refuse_entity);
    xsltSetLoaderFunc(load);
    xsltSetGenericErrorFunc(NULL, cx_xslt_said);
    forbidden = xsltNewSecurityPrefs();
    return forbidden != NULL
        && xsltSetSecurityPrefs(forbidden, XSLT_SECPREF_READ_FILE, may_read) == 0
        && xsltSetSecurityPrefs(forbidden, XSLT_SECPREF_READ_NETWORK, may_read) == 0
        && xsltSetSecurityPrefs(forbidden, XSLT_SECPREF_WRITE_FILE, xsltSecurityForbid) == 0
        && xsltSetSecurityPrefs(forbidden, XSLT_SECPREF_CREATE_DIRECTORY, xsltSecurityForbid) == 0
        && xsltSetSecurityPrefs(forbidden, XSLT_SECPREF_WRITE_NETWORK, xsltSecurityForbid) == 0;
}

/* libxslt writes UTF-8 under the name of an encoding that it does not know: better refused before the first record. */
static int knows_encoding(xsltStylesheetPtr style)
{
    const xmlChar *encoding = NULL;
    xmlCharEncodingHandlerPtr handler;

    XSLT_GET_IMPORT_PTR(encoding, style, encoding)
    if (encoding == NULL)
        return 1;
    handler = xmlFindCharEncodingHandler((const char *)encoding);
    if (handler == NULL)
        return 0;
    xmlCharEncCloseFunc(handler);
    return 1;
}

static xmlParserCtxtPtr record_parser(void)
{
    xmlParserCtxtPtr parser = xmlNewParserCtxt();

    if (parser != NULL)
        parser->sax->internalSubset = refuse_doctype;
    return parser;
}

/* libxml2 keeps its error functions for each thread. */
static void listen_on_this_thread(void)
{
    xmlSetStructuredErrorFunc(NULL, cx_libxml_said);
    xmlSetGenericErrorFunc(NULL, cx_libxml_printed);
}

int cx_compile(const struct cx_text *text, const char *uri, struct cx_sheet **sheet)
{
    xmlDocPtr doc;
    xsltStylesheetPtr style;

    listen_on_this_thread();
    doc = parse_sheet(text, uri, NULL);
    if (doc == NULL)
        return CX_NOT_WELL_FORMED;
    style = accept(doc, uri) ? xsltParseStylesheetDoc(doc) : NULL;
    xmlResetLastError();
    if (style == NULL) { /* only a stylesheet without errors owns its document */
        xmlFreeDoc(doc);
        return CX_FAILED;
    }
    if (style->errors != 0 || !knows_encoding(style)) {
        int status = style->errors != 0 ? CX_FAILED : CX_ENCODING;
        xsltFreeStylesheet(style);
        return status;
    }
    *sheet = xmlMalloc(sizeof **sheet);
    if (*sheet == NULL) {
        xsltFreeStylesheet(style);
        return CX_FAILED;
    }
    (*sheet)->style = style;
    (*sheet)->parser = record_parser();
    return CX_DONE;
}

void cx_free_sheet(struct cx_sheet *sheet)
{
    xmlFreeParserCtxt(sheet->parser);
    xsltFreeStylesheet(sheet->style);
    xmlFree(sheet);
}

static xmlDocPtr parse_record(struct cx_sheet *sheet, const struct cx_text *record)
{
    if (sheet->parser != NULL && xmlDictGetUsage(sheet->parser->dict) > NAMES_KEPT) {
        xmlFreeParserCtxt(sheet->parser);
        sheet->parser = NULL;
    }
    if (sheet->parser == NULL)
        sheet->parser = record_parser();
    cx_now.doctype = 0;
    return sheet->parser == NULL ? NULL : parse(sheet->parser, record, NULL, RECORD_OPTIONS);
}

static void limit(xsltTransformContextPtr transform, const struct cx_task *task)
{
    xsltSetTransformErrorFunc(transform, NULL, cx_xslt_said);
    xsltSetCtxtSecurityPrefs(forbidden, transform);
    transform->maxTemplateDepth = task->depth;
    transform->opLimit = task->operations;
    transform->xpathCtxt->opLimit = task->operations;
    transform->xpathCtxt->depth = XPATH_LEVELS_TAKEN;
}

static int status_of(xsltTransformContextPtr transform, xmlDocPtr result)
{
    if (transform->opCount >= transform->opLimit)
        return CX_OPERATIONS;
    if (transform->xpathCtxt->opCount >= transform->xpathCtxt->opLimit)
        return CX_OPERATIONS;
    if (transform->state == XSLT_STATE_STOPPED)
        return CX_STOPPED;
    if (transform->state != XSLT_STATE_OK || result == NULL)
        return CX_FAILED;
    return CX_DONE;
}

static int transform_document(xsltStylesheetPtr style, xmlDocPtr doc, const struct cx_task *task,
                              struct cx_output *output)
{
    xsltTransformContextPtr transform = xsltNewTransformContext(style, doc);
    xmlDocPtr result = NULL;
    int status = CX_PARAMETERS;

    if (transform == NULL)
        return CX_FAILED;
    limit(transform, task);
    cx_now.transform = transform;
    if (xsltQuoteUserParams(transform, task->parameters) == 0) {
        result = xsltApplyStylesheetUser(style, doc, NULL, NULL, NULL, transform);
        status = status_of(transform, result);
    }
    if (status == CX_DONE && xsltSaveResultToString(&output->bytes, &output->length, result, style) < 0)
        status = CX_FAILED;
    cx_now.transform = NULL;
    xmlFreeDoc(result);
    xsltFreeTransformContext(transform);
    return status;
}

int cx_apply(struct cx_sheet *sheet, const struct cx_task *task, struct cx_output *output)
{
    xmlDocPtr doc;
    int status;

    listen_on_this_thread();
    doc = parse_record(sheet, &task->record);
    if (doc == NULL)
        status = cx_now.doctype ? CX_DOCTYPE : CX_NOT_WELL_FORMED;
    else
        status = transform_document(sheet->style, doc, task, output);
    xmlFreeDoc(doc);
    xmlResetLastError();
    return status;
}

void cx_free_output(struct cx_output *output)
{
    xmlFree(output->bytes);
}

/*
 * Makes what this thread does come to an end soon; called by the allocator, in the middle of anything.
 *
 * libxml2 2.9 does not check each small allocation, so a limit must not be enforced by refusing memory. Instead the
 * transform is told that it was stopped, XPath that its operations are used up, and the parser what it tells itself when
 * it runs out of memory (xmlErrMemory in parser.c).
 */
void cx_stop(void)
{
    if (cx_now.transform != NULL) {
        xmlXPathContextPtr xpath = cx_now.transform->xpathCtxt;
        cx_now.transform->state = XSLT_STATE_STOPPED;
        xpath->opLimit = 1;
        xpath->opCount = 1;
    }
    if (cx_now.parser != NULL) {
        cx_now.parser->errNo = XML_ERR_NO_MEMORY;
        cx_now.parser->wellFormed = 0;
        cx_now.parser->instate = XML_PARSER_EOF;
        cx_now.parser->disableSAX = 1;
    }
}

/* The address below which this thread's stack is as good as full; 0 where the system does not tell. */
size_t cx_stack_floor(void)
{
    size_t floor = 0;
#ifdef __linux__
    pthread_attr_t attributes;
    void *lowest;
    size_t size;

    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
        return 0;
    if (pthread_attr_getstack(&attributes, &lowest, &size) == 0)
        floor = (size_t)lowest + STACK_RESERVE;
    pthread_attr_destroy(&attributes);
#endif
    return floor;
}
