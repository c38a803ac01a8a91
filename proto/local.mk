noinst_LIBRARIES += proto/libproto.a
proto_libproto_a_SOURCES =
