/*
 * Sorts what libxslt and libxml2 say into messages of the stylesheet and reports of trouble.
 *
 * libxslt 1.1.35 sends both through one printf-like function: an error is a first call that names the place
 * ("%s: file %s line %d element %s\n") and a second one with the text ("%s"); an xsl:message is a single "%s", followed by
 * a "\n" of its own when the text has none. Only the format tells them apart: the text may say anything.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <libxml/xmlerror.h>

#include "shim.h"

#define LONGEST_TEXT 65536

static __thread struct {
    int known;
    int line;
    char file[4096];
} place;

static void keep_place(const char *format, va_list arguments)
{
    int has_file = strstr(format, "file %s") != NULL;
    int has_line = strstr(format, "line %d") != NULL;

    (void)va_arg(arguments, const char *); /* "runtime error", "compilation error" */
    place.known = 1;
    place.line = 0;
    place.file[0] = '\0';
    if (has_file)
        snprintf(place.file, sizeof place.file, "%s", va_arg(arguments, const char *));
    if (has_line)
        place.line = va_arg(arguments, int);
}

static void send(int origin, int level, const char *text, size_t length)
{
    struct cx_report report = {0};

    report.origin = origin;
    report.level = level;
    report.text.bytes = text;
    report.text.length = length < LONGEST_TEXT ? length : LONGEST_TEXT;
    if (origin == CX_XSLT && place.known) {
        report.line = place.line;
        report.file = place.file[0] ? place.file : NULL;
    }
    cx_host.report(&report);
}

static void send_formatted(int origin, int level, const char *format, va_list arguments)
{
    char text[2048];

    vsnprintf(text, sizeof text, format, arguments);
    send(origin, level, text, strlen(text));
}

void cx_xslt_said(void *user, const char *format, ...)
{
    va_list arguments;

    (void)user;
    va_start(arguments, format);
    if (strncmp(format, "%s: ", 4) == 0 || strcmp(format, "%s\n") == 0) {
        keep_place(format, arguments);
    } else if (strcmp(format, "%s") == 0) {
        const char *text = va_arg(arguments, const char *);
        send(place.known ? CX_XSLT : CX_MESSAGE, XML_ERR_ERROR, text ? text : "", text ? strlen(text) : 0);
        place.known = 0;
    } else if (strcmp(format, "\n") != 0) {
        send_formatted(CX_XSLT, XML_ERR_ERROR, format, arguments);
        place.known = 0;
    }
    va_end(arguments);
}

static int origin_of(int domain)
{
    switch (domain) {
    case XML_FROM_PARSER:
    case XML_FROM_NAMESPACE:
        return CX_PARSER;
    case XML_FROM_XPATH:
        return CX_XPATH;
    default:
        return CX_OTHER;
    }
}

void cx_libxml_said(void *user, cx_error error)
{
    struct cx_report report = {0};
    int odd_uri = error != NULL && error->code == XML_WAR_NS_URI;

    (void)user;
    if (error == NULL || error->message == NULL)
        return;
    /* A namespace name that is not a URI is called an error, but harms nobody: a name is only compared. */
    if (error->domain == XML_FROM_NAMESPACE && error->level >= XML_ERR_ERROR && !odd_uri)
        cx_now.bad_namespace = 1;
    report.origin = origin_of(error->domain);
    report.level = odd_uri ? XML_ERR_WARNING : error->level;
    report.code = error->code;
    report.line = error->line;
    report.file = error->file;
    report.text.bytes = error->message;
    report.text.length = strnlen(error->message, LONGEST_TEXT);
    cx_host.report(&report);
}

/* XPath's evaluator prints the name of a function that it does not find, and what it thinks cannot happen, such as the
 * stack that an operation limit leaves behind. */
void cx_libxml_printed(void *user, const char *format, ...)
{
    va_list arguments;

    (void)user;
    va_start(arguments, format);
    send_formatted(CX_OTHER, XML_ERR_WARNING, format, arguments);
    va_end(arguments);
}
