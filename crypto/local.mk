# The programs and the tests link the convenience library, so that they stand alone; what is installed is made of it.

noinst_LTLIBRARIES += crypto/libcscrypto_core.la
crypto_libcscrypto_core_la_SOURCES = \
    crypto/anchors.c \
    crypto/base64.c \
    crypto/base64_blocks.c \
    crypto/base64_blocks.h \
    crypto/chain.c \
    crypto/chain.h \
    crypto/chain_verify.c \
    crypto/cscrypto.h \
    crypto/dh.c \
    crypto/envelope.c \
    crypto/envelope.h \
    crypto/error.c \
    crypto/file.c \
    crypto/file.h \
    crypto/fingerprint.c \
    crypto/hash.c \
    crypto/nettle_digest.h \
    crypto/nettle_random.c \
    crypto/nettle_random.h \
    crypto/oaep.c \
    crypto/pem.c \
    crypto/pem.h \
    crypto/pss.c \
    crypto/random.c \
    crypto/rsa_file.c \
    crypto/rsa_key.c \
    crypto/rsa_key.h \
    crypto/rsa_pem.c \
    crypto/rsa_root.c \
    crypto/rsa_root.h \
    crypto/signature.c \
    crypto/signer.c \
    crypto/spki.c \
    crypto/spki.h \
    crypto/symkey.c \
    crypto/wipe.c

crypto_libcscrypto_core_la_LIBADD = $(CRYPTO_LIBS)

lib_LTLIBRARIES += crypto/libcscrypto.la
crypto_libcscrypto_la_SOURCES =
crypto_libcscrypto_la_LIBADD = crypto/libcscrypto_core.la
crypto_libcscrypto_la_LDFLAGS = $(AM_LDFLAGS) -version-info 0:0:0 -no-undefined -export-symbols-regex '^csc_'

include_HEADERS += crypto/cscrypto.h

pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = crypto/cscrypto.pc
