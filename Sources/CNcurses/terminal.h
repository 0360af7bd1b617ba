#ifndef TERMINAL_H
#define TERMINAL_H
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

// Shared by this target's files, not by its importers.

/// The terminal's descriptors: standard input and output, or /dev/tty.
extern int term_in, term_out;
/// Its modes before it was taken over, valid while `term_is_armed`.
extern struct termios term_shell_modes;

/// What `term_emergency_restore` writes: the end of every mode, then the main screen.
void term_set_restore(const char *bytes, size_t count);
/// Whether a crash has to restore the terminal.
void term_arm(bool armed);
/// Gives the terminal back with nothing but write(2) and tcsetattr(2).
void term_emergency_restore(void);

void term_install_handlers(void);
void term_remove_handlers(void);
/// The terminal has two seconds to take what it is given, then the process ends. Off with `false`.
void term_limit_time(bool on);

/// Standard error goes to memory while `held`; `term_release_stderr` prints it all.
void term_hold_stderr(void);
void term_pause_stderr(bool paused);
void term_release_stderr(void);

#endif
