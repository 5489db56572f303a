/* What Rust and the shim know of each other; `ffi.rs` repeats it in Rust. */
#ifndef CARTOUCHE_XSLT_SHIM_H
#define CARTOUCHE_XSLT_SHIM_H

#include <stddef.h>
#include <libxml/parser.h>
#include <libxslt/xsltInternals.h>

/* Where a report comes from. */
enum cx_origin { CX_MESSAGE = 0, CX_XSLT = 1, CX_PARSER = 2, CX_XPATH = 3, CX_OTHER = 4 };

/* How an apply or a compile ended. */
enum cx_status {
    CX_DONE = 0,
    CX_NOT_WELL_FORMED = 1,
    CX_DOCTYPE = 2,
    CX_FAILED = 3,
    CX_STOPPED = 4,
    CX_OPERATIONS = 5,
    CX_PARAMETERS = 6,
    CX_ENCODING = 7
};

struct cx_text {
    const char *bytes;
    size_t length;
};

struct cx_report {
    int origin;         /* enum cx_origin */
    int level;          /* xmlErrorLevel */
    int code;           /* xmlParserErrors */
    int line;           /* 0 when unknown */
    const char *file;   /* NULL when unknown */
    struct cx_text text;
};

/* What the shim asks of Rust. */
struct cx_host {
    void *(*allocate)(size_t size);
    void *(*reallocate)(void *block, size_t size);
    void (*release)(void *block);
    void (*report)(const struct cx_report *report);
    /* The text of a stylesheet's part; 0 refuses. */
    int (*load)(const char *uri, const char *from, int as_document, struct cx_text *text);
    /* Whether a parsed stylesheet may be run; 0 refuses. */
    int (*accept)(const char *uri, const char *ns, const char *name, const char *version);
    /* Whether document() may read this path or URI; 0 refuses. */
    int (*may_read)(const char *value);
    void (*external)(const char *uri);
};

struct cx_sheet {
    xsltStylesheetPtr style;
    xmlParserCtxtPtr parser;
};

struct cx_task {
    struct cx_text record;
    const char **parameters; /* name, value, ..., NULL */
    int depth;
    unsigned long operations;
};

struct cx_output {
    unsigned char *bytes;
    int length;
};

/* What this thread is busy with, so that the allocator can stop it. */
struct cx_now {
    xsltTransformContextPtr transform;
    xmlParserCtxtPtr parser;
    int doctype;
    int bad_namespace;
};

extern struct cx_host cx_host;
extern __thread struct cx_now cx_now;

#if LIBXML_VERSION >= 21200
typedef const xmlError *cx_error;
#else
typedef xmlErrorPtr cx_error;
#endif

void cx_xslt_said(void *user, const char *format, ...);
void cx_libxml_said(void *user, cx_error error);
void cx_libxml_printed(void *user, const char *format, ...);

int cx_initialize(const struct cx_host *host);
int cx_compile(const struct cx_text *text, const char *uri, struct cx_sheet **sheet);
void cx_free_sheet(struct cx_sheet *sheet);
int cx_apply(struct cx_sheet *sheet, const struct cx_task *task, struct cx_output *output);
void cx_free_output(struct cx_output *output);
void cx_stop(void);
size_t cx_stack_floor(void);

#endif
