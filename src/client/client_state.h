/*
 * client_state: what the parts of the client work on together.
 *
 * Private to client.c and what its loop calls.  Single owner.
 *
 *   NAMING -> CONNECTING -> (ASKING -> CONNECTING) -> RUNNING -> DRAINING -> LEAVING -> DONE
 *   RUNNING, DRAINING -> RESTING -> CONNECTING -> (RESTING -> CONNECTING) -> as it was
 */
#ifndef CLIENT_CLIENT_STATE_H
#define CLIENT_CLIENT_STATE_H

#include "src/client/backoff.h"
#include "src/client/client.h"
#include "src/client/connection.h"
#include "src/client/console.h"
#include "src/client/handler.h"
#include "src/client/history.h"
#include "src/client/input.h"
#include "src/client/ledger.h"
#include "src/client/names.h"
#include "src/client/or_else.h"
#include "src/client/peers.h"
#include "src/client/ping_run.h"
#include "src/client/received.h"
#include "src/client/status.h"
#include "src/client/tally.h"
#include "src/client/ticks.h"
#include "src/client/transfers.h"

/* Of sessions that are wanted for their own sake: unlike any of the ledger's, which count from 1. */
#define SESSION_TOKEN UINT64_MAX

enum client_phase {
    CLIENT_NAMING,     /* the person is asked for a name */
    CLIENT_CONNECTING, /* until the session stands */
    CLIENT_ASKING,     /* the person is asked about the server's key */
    CLIENT_RESTING,    /* the connection was lost, and is not made again just yet */
    CLIENT_RUNNING,
    CLIENT_DRAINING, /* no more input; receipts and answers are waited for */
    CLIENT_LEAVING,  /* goodbyes are on their way */
    CLIENT_DONE,
};

struct client {
    const struct client_config *config;
    enum client_phase phase;
    enum exit_status status; /* the worst so far */
    char name[NAME_SIZE];
    char server[NET_HOST_SIZE + 16]; /* as known_servers has it */
    struct link_config link;
    struct console *console;
    struct handler *handler;       /* NULL: messages go to standard output */
    struct connection *connection; /* NULL: there is none */
    struct peers peers;
    struct input input;
    struct buffer request; /* the line of JSON that was read last */
    struct ledger ledger;
    struct tallies tallies;
    struct transfers transfers;
    uint64_t files_shown_at; /* when it was shown last how far they are */
    struct or_else *or_else; /* NULL: nothing is kept of lines */
    struct status statuses;
    struct ticks ticks;
    char accepted[CSC_FINGERPRINT_SIZE]; /* the server's key that the person said yes to, or "" */
    bool asked;                          /* this connection has waited for the person's answer */
    bool note_server;                    /* the server's key is to be noted once it has been proved */
    bool sign;                           /* what is sent from here on */
    bool line_left;                      /* input_next() may have more */
    bool event_left;                     /* connection_next() may have more */
    bool left;                           /* connection_leave() was called */
    bool away;                           /* the connection was lost, and is being made again */
    uint64_t away_until;                 /* when that is given up */
    char away_reason[DIAGNOSTIC_SIZE];   /* why it was not yet */
    enum client_phase resumes;           /* what the client was at */
    struct backoff backoff;
    uint64_t deadline;          /* of DRAINING and LEAVING */
    uint64_t shown;             /* messages given to the console */
    uint64_t handed_on;         /* messages that standard output has taken */
    bool answered;              /* the question of this run; or it will not be */
    bool listing;               /* `list` was asked for, and its answer is not complete */
    uint64_t listed;            /* users of its answer so far */
    char list_after[NAME_SIZE]; /* the last name of the page before, or "" */
    char wrote_last[NAME_SIZE]; /* the sender of the last message, or "" */
    char reply_to[NAME_SIZE];   /* the same when the line that is typed was begun */
    bool history_named;         /* `names` has those of its last messages */
    struct history *history;    /* NULL: none is kept */
    struct received *received;  /* NULL: nothing is remembered, not yet or, `forgets`, not at all */
    struct handing *handing;    /* NULL: standard output is written without */
    bool forgets;
    struct spooling *spooling; /* NULL: lines are not kept on the disk */
    bool met;                  /* a session with the server stood */
    bool absent;               /* the person said so: */
    char absent_text[MESSAGE_PRESENCE_MAX + 1];
    struct names names; /* of users that the server has listed */
    size_t asked_whois; /* answers to `whois` that wait for a session */
    struct ping_run ping;
};

/* True while no more messages should come; and while a line of input can be taken. */
bool client_is_full(const struct client *client);
bool client_takes_lines(const struct client *client);

/* Says on stderr what went wrong, and remembers STATUS if it is worse than what happened before. */
void client_fail(struct client *client, enum exit_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Line NUMBER is no message to TO, a recipient as it was written: of the line, that is the result of one of its
 * recipients. */
void client_refuse(struct client *client, enum exit_status status, unsigned long number, struct span to,
                   const char *why);

/* The message LINE, which was taken out of the ledger, has come as far as it is waited for; has failed with STATUS; or
 * was not delivered before its time was over. */
void client_settle_line(struct client *client, const struct ledger_line *line);
void client_expire_line(struct client *client, const struct ledger_line *line, const char *why);
void client_fail_line(struct client *client, enum exit_status status, const struct ledger_line *line, const char *why);

/* Line NUMBER has no further recipients. */
void client_complete_line(struct client *client, unsigned long number);

/* What line NUMBER has come to.  On a terminal, one that was not sent for its form does not count. */
void client_take_result(struct client *client, unsigned long number, enum exit_status status);

/* Line NUMBER goes to nobody. */
void client_bad_line(struct client *client, unsigned long number, const char *why);

#endif
