noinst_LTLIBRARIES += crypto/libcscrypto_core.la
crypto_libcscrypto_core_la_SOURCES = crypto/cscrypto.h
crypto_libcscrypto_core_la_LIBADD = $(CRYPTO_LIBS)
include_HEADERS += crypto/cscrypto.h
