#ifndef CNCURSES_H
#define CNCURSES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What Swift cannot import from ncursesw (macros, variadics, mutable globals), and what must run in a signal handler.
// One terminal at a time; every function belongs to the thread that called term_start.

typedef enum {
  TERM_STARTED,
  /// Neither standard input and output nor /dev/tty is a terminal.
  TERM_NO_TERMINAL,
  /// TERM is unset.
  TERM_NO_TERM,
  /// TERM names something without a cursor, or nothing known.
  TERM_UNSUITABLE,
} term_status;

typedef struct {
  int columns, rows;
  /// 0, 8, 16, 256 or 1 << 24.
  int colors;
  /// Colour pairs, pair 0 included.
  int pairs;
  /// False: nothing but ASCII may be sent.
  bool utf8;
  /// The Linux console: few characters, no modes of xterm's.
  bool console;
} term_info;

enum { TERM_COLORS_AUTOMATIC = -1, TERM_COLORS_NONE = 0, TERM_COLORS_DIRECT = 1 << 24 };

/// Takes the terminal over: alternate screen, own input modes, signal handlers, standard error held back.
/// - colors: what to use at most, whatever the terminal has; TERM_COLORS_AUTOMATIC goes by TERM and COLORTERM.
/// - synchronized: frames are wrapped in DEC mode 2026.
term_status term_start(int colors, bool synchronized, term_info *info);
/// Gives it back, and prints what was written to standard error meanwhile.
void term_stop(void);
/// Hands the terminal to another program, and takes it again with everything drawn anew.
void term_suspend(void);
void term_resume(void);
/// The default action of SIGTSTP, for the whole process group. The screen has to be suspended.
void term_stop_process(void);
/// Runs `sh -c 'exec COMMAND "$1"'` on the terminal and waits. The screen has to be suspended.
/// Returns the exit status, 128 plus the signal, or -1 with errno.
int term_run(const char *command, const char *path);
/// Dies of the signal as if it had not been caught. The terminal has to be given back.
void term_reraise(int signal);

/// Reads the terminal's size; true when it is not what the last call said.
bool term_update_size(int *columns, int *rows);

/// Colours: -1 the terminal's own, below 16 the ANSI ones, else an index or, with direct colour, 0xRRGGBB.
bool term_define_pair(int pair, int foreground, int background);

enum { TERM_BOLD = 1, TERM_DIM = 2, TERM_ITALIC = 4, TERM_UNDERLINE = 8, TERM_REVERSE = 16 };

/// A row is begun, gets its cells from left to right, and ends as row y of the next frame.
void term_row_begin(void);
/// - scalars: a base and up to four marks. - width: 1 or 2 columns.
void term_row_add(const uint32_t *scalars, int count, int width, unsigned attributes, int pair);
void term_row_end(int y);
/// What stands for a character that the terminal's character set or the C library does not know; else itself.
uint32_t term_shown(uint32_t scalar, int width);
/// Sends what has changed.
void term_present(int x, int y, bool cursor_shown);
/// The next frame draws every cell, whatever the terminal shows.
void term_repaint(void);

/// Straight to the terminal, between frames.
void term_write(const char *bytes, size_t count);
/// Whether a write would not block.
bool term_is_writable(void);
void term_set_mouse(bool on);

enum { TERM_INPUT = 1, TERM_SIGNAL = 2, TERM_WAKER = 4, TERM_OUTPUT = 8, TERM_HANGUP = 16 };

/// Blocks in ppoll(2). - nanoseconds: negative waits without end. - output: also for room to write.
/// Returns TERM_ bits; 0 when the time is up.
unsigned term_wait(int waker, int64_t nanoseconds, bool output);
/// What the terminal sent: a count, 0 for nothing, negative when it is gone.
ptrdiff_t term_read(uint8_t *bytes, size_t capacity);
/// The next signal that was caught, or 0.
int term_next_signal(void);

#endif
