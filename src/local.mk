noinst_LIBRARIES += src/common/libcommon.a
src_common_libcommon_a_SOURCES =

# What both programs link, in the order the linker needs.
program_libs = src/common/libcommon.a proto/libproto.a crypto/libcscrypto_core.la \
    $(JSON_C_LIBS) $(CRYPTO_LIBS) $(SYSTEM_LIBS)
