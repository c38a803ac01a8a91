noinst_LIBRARIES += proto/libproto.a
proto_libproto_a_SOURCES = \
	proto/attest.c proto/attest.h \
	proto/buffer.c proto/buffer.h \
	proto/channel.c proto/channel.h \
	proto/conversation.c proto/conversation.h \
	proto/conversation_files.c \
	proto/conversation_notices.c \
	proto/conversation_receipts.c \
	proto/conversation_session.c \
	proto/conversation_signing.c \
	proto/conversation_state.h \
	proto/conversation_traffic.c \
	proto/error.c proto/error.h \
	proto/event_queue.c proto/event_queue.h \
	proto/fingerprint.c proto/fingerprint.h \
	proto/handshake.c proto/handshake.h \
	proto/handshake_result.c \
	proto/handshake_state.h \
	proto/id_set.c proto/id_set.h \
	proto/json_scan.c proto/json_scan.h \
	proto/json_write.c proto/json_write.h \
	proto/line.c proto/line.h \
	proto/link.c proto/link.h \
	proto/message.c proto/message.h \
	proto/message_attest.c proto/message_attest.h \
	proto/message_table.c proto/message_table.h \
	proto/message_write.c \
	proto/name.c proto/name.h \
	proto/prefixed.h \
	proto/ratchet.c proto/ratchet.h \
	proto/safety_number.c proto/safety_number.h \
	proto/schedule.c proto/schedule.h \
	proto/signed_text.c proto/signed_text.h \
	proto/span.h \
	proto/suite.c proto/suite.h \
	proto/text.c proto/text.h \
	proto/unacked.c proto/unacked.h
