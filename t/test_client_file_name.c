/* src/client/file_name.c: what becomes of names that mean harm. */
#include <config.h>

#include "src/client/file_name.h"
#include "t/tap.h"

#include "proto/text.h"

#include <stdio.h>
#include <stdlib.h>

#define LONG "0123456789012345678901234567890123456789012345678901234567890123456789"

static void test_names(void) {
    static const struct {
        const char *name, *safe;
    } cases[] = {
        {"report.pdf", "report.pdf"},
        {"a b (1).tar.gz", "a b (1).tar.gz"},
        {"r\xc3\xa9sum\xc3\xa9 \xe4\xb8\xad.txt", "r\xc3\xa9sum\xc3\xa9 \xe4\xb8\xad.txt"},
        {"../../x", "x"},
        {"/etc/passwd", "passwd"},
        {"..\\..\\boot.ini", "boot.ini"},
        {"C:\\x", "x"},
        {"dir/", "dir"},
        {"//", "file"},
        {"", "file"},
        {".", "_"},
        {"..", "_."},
        {".bashrc", "_bashrc"},
        {"-rf", "_rf"},
        {"--help", "_-help"},
        {"~root", "_root"},
        {" x", "_x"},
        {"a\nb\r\tc", "a_b__c"},
        {"\x1b[31mred", "_[31mred"},
        {"\x7f\xc2\x9b", "__"},
        {"pdf.\xe2\x80\xaetxt.exe", "pdf._txt.exe"},
        {"zero\xe2\x80\x8bwidth", "zero_width"},
        {"\xff\xfe", "__"},
        {"\xc0\xaf", "__"},
        {"a\xe2\x80", "a__"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[FILE_NAME_SIZE];

        file_name_make_safe(out, span_of(cases[i].name));
        IS_STR(out, cases[i].safe, "name %zu", i);
    }
}

static void test_nul(void) {
    char out[FILE_NAME_SIZE];

    file_name_make_safe(out, (struct span){"a\0b", 3});
    IS_STR(out, "a_b", "a NUL ends no name");
}

static void test_long(void) {
    char name[600], out[FILE_NAME_SIZE], numbered[FILE_NAME_SIZE];

    snprintf(name, sizeof(name), "%s%s%s%s.txt", LONG, LONG, LONG, LONG);
    file_name_make_safe(out, span_of(name));
    OK(strlen(out) < FILE_NAME_SIZE, "a long name is cut");
    OK(strncmp(out, LONG LONG, 140) == 0, "not at its beginning");
    IS_STR(out + strlen(out) - 4, ".txt", "nor in its extension");
    snprintf(name, sizeof(name), "%s%s%s0123456789012345678901234567890123456789.jpg", LONG, LONG, LONG);
    file_name_make_safe(out, span_of(name));
    IS_STR(out + strlen(out) - 4, ".jpg", "what is no longer than a name may be stays, with its extension");
    IS_INT(strlen(out), strlen(name), "whole");
    file_name_number(numbered, out, 1000);
    OK(strlen(numbered) < FILE_NAME_SIZE, "with a number it still fits");
    IS_STR(numbered + strlen(numbered) - 11, " (1000).jpg", "and has both");
}

static void test_long_utf8(void) {
    char name[600] = "", out[FILE_NAME_SIZE];
    size_t wrong = 0;

    for (size_t begin = 0; begin < 4; begin++) {
        memset(name, 'x', begin);
        name[begin] = '\0';
        for (size_t size = begin; size < 250; size += 4)
            memcpy(name + size, "\xf0\x9f\x98\x80", 5);
        file_name_make_safe(out, span_of(name));
        wrong += !text_is_utf8(span_of(out)) || strlen(out) >= FILE_NAME_SIZE;
        file_name_part(name, out, "0123456789abcdef01234567");
        wrong += !text_is_utf8(span_of(name)) || strlen(name) >= FILE_NAME_SIZE;
    }
    IS_INT(wrong, 0, "no character is cut in pieces");
}

static void test_numbers(void) {
    char out[FILE_NAME_SIZE];

    file_name_number(out, "report.pdf", 0);
    IS_STR(out, "report.pdf", "the first has no number");
    file_name_number(out, "report.pdf", 2);
    IS_STR(out, "report (2).pdf", "the number stands before the extension");
    file_name_number(out, "Makefile", 1);
    IS_STR(out, "Makefile (1)", "or behind a name that has none");
    file_name_number(out, "a.b c d e f g h i j k l", 1);
    IS_STR(out, "a.b c d e f g h i j k l (1)", "what is too long for an extension is none");
}

static void test_part(void) {
    char out[FILE_NAME_SIZE];

    file_name_part(out, "report.pdf", "0123456789abcdef01234567");
    IS_STR(out, ".report.pdf.0123456789abcdef01234567.part", "what is not complete is hidden, and says what it is");
}

int main(void) {
    test_names();
    test_nul();
    test_long();
    test_long_utf8();
    test_numbers();
    test_part();
    return tap_done();
}
