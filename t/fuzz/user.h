/*
 * user: a client of the fuzzer of conversations, and what must hold of it.
 *
 * Every text, step of a file and notice of presence has a number in it, by which the other one knows it.  The calls
 * make the program do something, take the events that come of it, and move what it says to the queue of what is on its
 * way.  Whatever breaks a promise of proto/conversation.h ends the fuzzer.
 */
#ifndef CHATSECURE_T_FUZZ_USER_H
#define CHATSECURE_T_FUZZ_USER_H

#include "t/pump.h"

#define QUEUE_MAX     32
#define TEXTS_MAX     64
#define PINGS_MAX     64
#define PRESENCES_MAX 64

/* Whether a message was taken and is open, has gone out, or has ended. */
enum fate { NONE, OPEN, SENT, ENDED };

/* Of data of a file the third is that nobody knows it. */
enum user_answer { ANSWER_GOOD, ANSWER_DECLINED, ANSWER_FAILED, ANSWER_EXPIRED, ANSWERS };

struct user {
    struct conversation *conversation;
    const char *name, *peer;
    const struct identity *identity;
    struct buffer queue[QUEUE_MAX]; /* payloads on their way from here, oldest first */
    size_t queued;
    struct buffer last; /* the payload that was delivered last from here */
    enum fate fates[TEXTS_MAX];
    enum message_type types[TEXTS_MAX];        /* a step of a file, or a text */
    unsigned sent;                             /* of both so far */
    bool got[TEXTS_MAX];                       /* the other's, since this program started */
    uint8_t said[TEXTS_MAX];                   /* what was said of the other's, ever: 1 << user_answer */
    struct conversation_event held[TEXTS_MAX]; /* those of which nothing is said yet; their tokens are their numbers */
    size_t held_count;
    char pings[PINGS_MAX][MESSAGE_ID_MAX + 1]; /* that may be answered */
    unsigned pinged;
    unsigned told;             /* notices of presence so far */
    bool heard[PRESENCES_MAX]; /* the other's */
    enum user_answer answers;  /* what is said of what comes */
    bool shows, distrusts, holds, closed, offline, connecting, absent;
};

struct world {
    struct user users[2];
    uint64_t now;
};

/* Starts the program, for the first time or again. */
void user_start(struct user *user);

/* Takes the oldest payload out of USER's queue into its `last`.  False: there is none. */
bool user_take(struct user *user);

/* Gives a payload to USER, if it is one that its program would hand to the conversation. */
void user_deliver(struct world *world, struct user *user, struct span payload);

/* After any call of the conversation. */
void user_take_events(struct world *world, struct user *user);

/* Sends the next message, unless there were enough: a text, which is given up after TTL milliseconds if that is not 0,
 * or a step of a file, of the kind that WHAT says. */
void user_send_text(struct world *world, struct user *user, bool sign, uint64_t ttl);
void user_send_step(struct world *world, struct user *user, uint8_t what);

void user_ping(struct world *world, struct user *user);
void user_tell_presence(struct world *world, struct user *user);

/* Says of all that is held what has become of it. */
void user_hand_on(struct world *world, struct user *user);

/* The way to the relay is lost, or stands again.  What is on its way waits. */
void user_turn_way(struct world *world, struct user *user);

void user_want_session(struct world *world, struct user *user);
void user_withdraw(struct world *world, struct user *user);
void user_close(struct world *world, struct user *user);

/* Ends the program and what is on its way. */
void user_free(struct user *user);

#endif
