# CS_APPEND_FLAG(VARIABLE, FLAG)
# Appends FLAG to VARIABLE where the compiler takes it without a warning.
AC_DEFUN([CS_APPEND_FLAG], [
    AS_VAR_PUSHDEF([cache], [cs_cv_cflags_$2])
    AC_CACHE_CHECK([whether $CC takes $2], [cache], [
        cs_save_CFLAGS=$CFLAGS
        CFLAGS="$CFLAGS -Werror $2"
        AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <string.h>]], [[char text[64];
            memset(text, 0, sizeof text);
            return text[0];]])], [AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
        CFLAGS=$cs_save_CFLAGS])
    AS_VAR_IF([cache], [yes], [$1="$$1 $2"])
    AS_VAR_POPDEF([cache])
])

# CS_APPEND_LINK_FLAG(VARIABLE, FLAG)
# Appends FLAG to VARIABLE where the linker takes it without a warning.
AC_DEFUN([CS_APPEND_LINK_FLAG], [
    AS_VAR_PUSHDEF([cache], [cs_cv_ldflags_$2])
    AC_CACHE_CHECK([whether the linker takes $2], [cache], [
        cs_save_CFLAGS=$CFLAGS
        cs_save_LDFLAGS=$LDFLAGS
        CFLAGS="$CFLAGS $HARDEN_CFLAGS -Werror"
        LDFLAGS="$LDFLAGS $2"
        AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
        CFLAGS=$cs_save_CFLAGS
        LDFLAGS=$cs_save_LDFLAGS])
    AS_VAR_IF([cache], [yes], [$1="$$1 $2"])
    AS_VAR_POPDEF([cache])
])

# CS_MISSING(WHAT, DEBIAN, FEDORA, ALPINE, HOMEBREW)
# Notes WHAT as missing, with the package that has it on each system. CS_REPORT_MISSING ends configure for all of them.
AC_DEFUN([CS_MISSING], [
    AC_MSG_WARN([$1 is missing])
    cs_missing="$cs_missing
  $1
      Debian, Ubuntu: $2    Fedora: $3    Alpine: $4    Homebrew: $5"])

AC_DEFUN([CS_REPORT_MISSING], [
    AS_IF([test -n "$cs_missing"], [AC_MSG_ERROR([these are needed and were not found, with the packages that have them:
$cs_missing
])])])

# CS_REQUIRE_MODULE(VARIABLE, MODULE, WHAT, DEBIAN, FEDORA, ALPINE, HOMEBREW)
AC_DEFUN([CS_REQUIRE_MODULE], [
    PKG_CHECK_MODULES([$1], [$2], [], [CS_MISSING([$3], [$4], [$5], [$6], [$7])])])

# CS_PROG_PYTHON
# Sets PYTHON to a python3 of 3.9 or later for the tests, one with the module cryptography if there is one, else to
# nothing, and python_cryptography to yes or no.
AC_DEFUN([CS_PROG_PYTHON], [
    AC_ARG_VAR([PYTHON], [Python 3.9 or later with the module cryptography, for the tests])
    AC_MSG_CHECKING([for a Python 3.9 or later with cryptography])
    cs_python=
    python_cryptography=no
    for cs_candidate in "$PYTHON" python3 /usr/bin/python3 /usr/local/bin/python3; do
        test -n "$cs_candidate" || continue
        # The real path, because what a version manager puts for a name can depend on the folder.
        cs_candidate=$("$cs_candidate" -c 'import sys
if sys.version_info >= (3, 9): print(sys.executable)' 2>&AS_MESSAGE_LOG_FD)
        test -n "$cs_candidate" || continue
        test -n "$cs_python" || cs_python=$cs_candidate
        AS_IF(["$cs_candidate" -c 'import cryptography' >&AS_MESSAGE_LOG_FD 2>&1],
            [cs_python=$cs_candidate python_cryptography=yes; break])
    done
    PYTHON=$cs_python
    AS_IF([test -z "$PYTHON"], [AC_MSG_RESULT([none: most tests will be skipped])],
        [test $python_cryptography = no], [AC_MSG_RESULT([$PYTHON, without cryptography: some tests will be skipped])],
        [AC_MSG_RESULT([$PYTHON])])])
