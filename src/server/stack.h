/*
 * stack: gives back what deep calls have touched of a thread's stack.
 *
 * The handshake and the reading of a message go some 28 KiB deep; a thread that waits for hours needs
 * 8 of them, and the kernel keeps the rest until it is told.  Any thread, for its own stack.
 */
#ifndef SERVER_STACK_H
#define SERVER_STACK_H

/* Gives the whole pages below the caller's frame back to the kernel; nothing where that cannot be done. */
void stack_release(void);

#endif
