/*
 * The yardstick: plain libxslt as any C program would use it, without limits, confinement or another allocator.
 *
 *     gcc -O2 -o libxslt_alone bench/libxslt_alone.c $(pkg-config --cflags --libs libexslt libxslt libxml-2.0)
 *     ./libxslt_alone STYLESHEET RECORDS REPETITIONS
 *
 * RECORDS holds XML documents, each followed by a NUL byte. The stylesheet is compiled once; every document is parsed,
 * transformed and serialised REPETITIONS times. Prints the records, the bytes of all results, the CPU seconds of that work
 * and the microseconds a record.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <libxml/parser.h>
#include <libxslt/transform.h>
#include <libxslt/xslt.h>
#include <libxslt/xsltutils.h>
#include <libexslt/exslt.h>

/* What xsltproc uses, less the loading of DTDs. */
#define OPTIONS (XML_PARSE_NOENT | XML_PARSE_NOCDATA | XML_PARSE_NONET)

static double cpu_seconds(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec)
         + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    char *bytes;

    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        perror(path);
        exit(1);
    }
    *length = (size_t)ftell(file);
    rewind(file);
    bytes = malloc(*length + 1);
    if (bytes == NULL || fread(bytes, 1, *length, file) != *length) {
        perror(path);
        exit(1);
    }
    bytes[*length] = '\0';
    fclose(file);
    return bytes;
}

static long transform(xsltStylesheetPtr style, const char *record, size_t length)
{
    static const char *parameters[] = {NULL};
    xmlDocPtr doc = xmlReadMemory(record, (int)length, NULL, NULL, OPTIONS);
    xmlDocPtr result = doc == NULL ? NULL : xsltApplyStylesheet(style, doc, parameters);
    xmlChar *bytes = NULL;
    int size = -1;

    if (result == NULL || xsltSaveResultToString(&bytes, &size, result, style) < 0) {
        fprintf(stderr, "a record could not be transformed\n");
        exit(1);
    }
    xmlFree(bytes);
    xmlFreeDoc(result);
    xmlFreeDoc(doc);
    return size;
}

int main(int argc, char **argv)
{
    long repetitions = argc == 4 ? atol(argv[3]) : 0;
    long records = 0, written = 0;
    size_t length;
    xsltStylesheetPtr style;
    double started, seconds;
    char *data;

    if (repetitions < 1) {
        fprintf(stderr, "usage: %s STYLESHEET RECORDS REPETITIONS\n", argv[0]);
        return 2;
    }
    exsltRegisterAll();
    style = xsltParseStylesheetFile((const xmlChar *)argv[1]);
    data = read_file(argv[2], &length);
    if (style == NULL)
        return 1;
    started = cpu_seconds();
    for (long i = 0; i < repetitions; i++) {
        for (char *record = data; record < data + length; record += strlen(record) + 1) {
            if (*record == '\0')
                continue;
            written += transform(style, record, strlen(record));
            records++;
        }
    }
    seconds = cpu_seconds() - started;
    printf("%ld records, %ld bytes, %.3f CPU s, %.1f us a record\n", records, written, seconds, seconds * 1e6 / (double)records);
    xsltFreeStylesheet(style);
    free(data);
    return 0;
}
