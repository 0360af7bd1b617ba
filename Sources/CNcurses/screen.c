#define NCURSES_WIDECHAR 1
#include "cncurses.h"
#include "terminal.h"
#include "terminfo.h"

#include <curses.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>
#include <wchar.h>
#undef columns
#undef lines

static SCREEN *screen;
static struct termios program_modes;
static bool on, utf8, xterm_modes, mouse;
static int last_columns, last_rows;
static const char *frame_begin = "", *frame_end = "";

// Not in terminfo: button and drag reports in SGR form, focus, bracketed paste, modifyOtherKeys 1.
#define MOUSE_ON "\033[?1000h\033[?1002h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1002l\033[?1000l"
#define MODES_ON "\033[?1004h\033[?2004h\033[>4;1m"
#define MODES_OFF "\033[>4m\033[?2004l\033[?1004l" MOUSE_OFF
#define TITLE_SAVE "\033[22;0t"
#define TITLE_RESTORE "\033[23;0t"
#define SYNCHRONIZED_ON "\033[?2026h"
#define SYNCHRONIZED_OFF "\033[?2026l"

static void write_string(const char *text) { term_write(text, strlen(text)); }

// MARK: - Start

/// A UTF-8 locale where the environment has one or does not say. Another character set (KOI8-R) is respected: ASCII only.
static bool choose_locale(void) {
  static const char *const names[] = {"C.UTF-8", "C.utf8", "en_US.UTF-8"};
  bool set = setlocale(LC_CTYPE, "") != NULL;
  const char *codeset = nl_langinfo(CODESET);
  if (set && strcmp(codeset, "UTF-8") == 0) return true;
  if (set && strcmp(codeset, "ANSI_X3.4-1968") != 0) return false;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (setlocale(LC_CTYPE, names[i]) && strcmp(nl_langinfo(CODESET), "UTF-8") == 0) return true;
  }
  return false;
}

static bool open_terminal(FILE **input, FILE **output) {
  *input = stdin;
  *output = stdout;
  term_in = STDIN_FILENO;
  term_out = STDOUT_FILENO;
  bool input_is_terminal = isatty(STDIN_FILENO), output_is_terminal = isatty(STDOUT_FILENO);
  if (input_is_terminal && output_is_terminal) return true;
  int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (tty < 0) return false;
  FILE *file = fdopen(tty, "r+");
  if (!file) return false;
  if (!input_is_terminal) *input = file, term_in = tty;
  if (!output_is_terminal) *output = file, term_out = tty;
  return true;
}

static bool starts_with(const char *text, const char *prefix) { return strncmp(text, prefix, strlen(prefix)) == 0; }

/// Emulators that speak xterm's language, whatever entry the machine has for them.
static bool is_like_xterm(const char *term) {
  static const char *const prefixes[] = {"xterm", "alacritty", "foot", "wezterm", "ghostty", "kitty", "contour", "rio"};
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
    if (starts_with(term, prefixes[i])) return true;
  }
  return false;
}

/// Our own entry, handed over in TERMINFO so that no file is needed. It adds direct colour, and takes scrolling away: ncurses
/// would scroll whole rows when one pane scrolls, and draw its neighbours anew.
static SCREEN *start_with(const char *name, const char *entry, FILE *output, FILE *input) {
  char *kept = getenv("TERMINFO");
  if (kept) kept = strdup(kept);
  setenv("TERMINFO", entry, 1);
  SCREEN *started = newterm(name, output, input);
  // Other programs must not inherit it.
  if (kept) setenv("TERMINFO", kept, 1);
  else unsetenv("TERMINFO");
  free(kept);
  return started;
}

/// Input as bytes: no line editing, no signals from keys, no flow control.
static void set_program_modes(void) {
  tcgetattr(term_in, &program_modes);
  program_modes.c_iflag &= ~(tcflag_t)(IXON | IXOFF | ICRNL | INLCR | IGNCR | ISTRIP | BRKINT);
  program_modes.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
  program_modes.c_cc[VMIN] = 0;
  program_modes.c_cc[VTIME] = 0;
  tcsetattr(term_in, TCSANOW, &program_modes);
}

static size_t append_capability(char *to, size_t count, size_t capacity, const char *name) {
  const char *bytes = tigetstr((char *)name);
  if (!bytes || bytes == (char *)-1) return count;
  size_t length = strlen(bytes);
  if (count + length > capacity) return count;
  memcpy(to + count, bytes, length);
  return count + length;
}

static void prepare_restore(void) {
  char bytes[512] = SYNCHRONIZED_OFF MODES_OFF TITLE_RESTORE;
  size_t count = xterm_modes ? strlen(bytes) : 0;
  static const char *const capabilities[] = {"sgr0", "cnorm", "rmkx", "rmcup"};
  for (size_t i = 0; i < sizeof capabilities / sizeof *capabilities; i++) {
    count = append_capability(bytes, count, sizeof bytes, capabilities[i]);
  }
  term_set_restore(bytes, count);
}

term_status term_start(int colors, bool synchronized, term_info *info) {
  FILE *input, *output;
  if (!open_terminal(&input, &output)) return TERM_NO_TERMINAL;
  const char *term = getenv("TERM"), *color_term = getenv("COLORTERM");
  if (!term || !*term) return TERM_NO_TERM;
  utf8 = choose_locale();
  tcgetattr(term_in, &term_shell_modes);

  if (colors == TERM_COLORS_AUTOMATIC && strstr(term, "-16color")) colors = 16;
  bool multiplexer = starts_with(term, "tmux") || starts_with(term, "screen");
  bool says_direct = (color_term && (!strcmp(color_term, "truecolor") || !strcmp(color_term, "24bit"))) || strstr(term, "-direct");
  bool direct = colors == TERM_COLORS_DIRECT || (colors == TERM_COLORS_AUTOMATIC && says_direct);
  bool many = direct || strstr(term, "256color") || is_like_xterm(term);
  screen = NULL;
  if (multiplexer && many) {
    screen = start_with(direct ? "lathe-tmux" : "lathe-tmux-256", direct ? LATHE_TMUX : LATHE_TMUX_256, output, input);
  } else if (is_like_xterm(term)) {
    screen = start_with(direct ? "lathe-xterm" : "lathe-xterm-256", direct ? LATHE_XTERM : LATHE_XTERM_256, output, input);
  }
  direct = direct && screen;
  if (!screen) screen = newterm(NULL, output, input);
  if (!screen) return TERM_UNSUITABLE;
  set_term(screen);
  const char *cup = tigetstr("cup");
  if (!cup || cup == (char *)-1) {
    endwin();
    return TERM_UNSUITABLE;
  }

  raw();
  noecho();
  nonl();
  intrflush(stdscr, FALSE);
  // Else doupdate stops half-way when a key is waiting.
  typeahead(-1);
  idlok(stdscr, FALSE);
  scrollok(stdscr, FALSE);
  leaveok(stdscr, FALSE);
  int available = 0;
  if (colors != TERM_COLORS_NONE && has_colors()) {
    start_color();
    use_default_colors();
    available = COLORS;
  }
  if (!direct && available > 256) available = 256;
  if (colors > 0 && available > colors) available = colors;
  set_program_modes();
  def_prog_mode();

  bool console = starts_with(term, "linux");
  xterm_modes = multiplexer || is_like_xterm(term) || strstr(term, "rxvt") || strstr(term, "256color");
  mouse = false;
  frame_begin = xterm_modes && synchronized ? SYNCHRONIZED_ON : "";
  frame_end = xterm_modes && synchronized ? SYNCHRONIZED_OFF : "";
  prepare_restore();
  if (xterm_modes) write_string(TITLE_SAVE MODES_ON);
  term_hold_stderr();
  term_arm(true);
  on = true;
  static bool registered;
  if (!registered) atexit(term_emergency_restore);
  registered = true;
  // After newterm, which installs its own.
  term_install_handlers();

  last_columns = COLS;
  last_rows = LINES;
  int columns, rows;
  // COLUMNS and LINES in the environment may say otherwise than the terminal.
  term_update_size(&columns, &rows);
  *info = (term_info){
      .columns = last_columns, .rows = last_rows, .colors = available, .pairs = COLOR_PAIRS, .utf8 = utf8, .console = console};
  return TERM_STARTED;
}

// MARK: - Giving it away

void term_suspend(void) {
  if (!on) return;
  if (xterm_modes) write_string(MODES_OFF);
  curs_set(1);
  endwin();
  tcsetattr(term_in, TCSADRAIN, &term_shell_modes);
  term_arm(false);
  term_pause_stderr(true);
  on = false;
}

void term_resume(void) {
  if (on) return;
  // They may have been changed meanwhile.
  tcgetattr(term_in, &term_shell_modes);
  reset_prog_mode();
  tcsetattr(term_in, TCSANOW, &program_modes);
  if (xterm_modes) write_string(mouse ? MODES_ON MOUSE_ON : MODES_ON);
  term_pause_stderr(false);
  term_arm(true);
  on = true;
  clearok(curscr, TRUE);
  refresh();
}

void term_stop(void) {
  if (!screen) return;
  term_limit_time(true);
  term_suspend();
  if (xterm_modes) write_string(TITLE_RESTORE);
  term_limit_time(false);
  term_release_stderr();
  term_remove_handlers();
  delscreen(screen);
  screen = NULL;
}

bool term_update_size(int *columns, int *rows) {
  struct winsize size;
  if (ioctl(term_out, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
    *columns = size.ws_col;
    *rows = size.ws_row;
  } else {
    *columns = last_columns;
    *rows = last_rows;
  }
  // Not compared with COLS and LINES, which ncurses changes itself when it comes back from endwin.
  if (*columns == last_columns && *rows == last_rows) return false;
  last_columns = *columns;
  last_rows = *rows;
  if (*columns != COLS || *rows != LINES) resizeterm(*rows, *columns);
  clearok(curscr, TRUE);
  return true;
}

void term_set_mouse(bool wanted) {
  if (mouse == wanted) return;
  mouse = wanted;
  if (on && xterm_modes) write_string(wanted ? MOUSE_ON : MOUSE_OFF);
}

// MARK: - Drawing

static cchar_t *row;
static int row_count, row_capacity;

bool term_define_pair(int pair, int foreground, int background) {
  return init_extended_pair(pair, foreground, background) != ERR;
}

/// ASCII for a character that the terminal's character set lacks.
static wchar_t stand_in(uint32_t scalar) {
  switch (scalar) {
  case 0x2500: case 0x2501: case 0x2574: case 0x2576: case 0x2010 ... 0x2015: return L'-';
  case 0x2502: case 0x2503: case 0x2575: case 0x2577: return L'|';
  case 0x2504 ... 0x250B: return L'.';
  case 0x250C ... 0x2573: return L'+';
  case 0x2580 ... 0x259F: case 0x25A0: return L'#';
  case 0x2800 ... 0x28FF: return L':';
  case 0x2018: case 0x2019: return L'\'';
  case 0x201C: case 0x201D: return L'"';
  case 0x2026: case 0xB7: return L'.';
  case 0xB5: case 0x3BC: return L'u';
  case 0x21B5: return L'$';
  case 0x27E8: return L'<';
  case 0x27E9: return L'>';
  case 0x2022: case 0x25CF: case 0x25CB: return L'*';
  case 0x2190: case 0x25C0: case 0x25C2: case 0x2039: return L'<';
  case 0x2192: case 0x25B6: case 0x25B8: case 0x203A: return L'>';
  case 0x2191: case 0x25B2: case 0x25B4: return L'^';
  case 0x2193: case 0x25BC: case 0x25BE: return L'v';
  case 0x2713: case 0x2714: return L'+';
  case 0x2715: case 0x2717: case 0x2718: case 0xD7: return L'x';
  default: return L'?';
  }
}

static attr_t attributes_of(unsigned bits) {
  return (bits & TERM_BOLD ? A_BOLD : 0) | (bits & TERM_DIM ? A_DIM : 0) | (bits & TERM_ITALIC ? A_ITALIC : 0) |
         (bits & TERM_UNDERLINE ? A_UNDERLINE : 0) | (bits & TERM_REVERSE ? A_REVERSE : 0);
}

static void add(const wchar_t *text, attr_t attributes, int pair) {
  if (row_count == row_capacity) {
    int capacity = row_capacity ? row_capacity * 2 : 512;
    cchar_t *grown = realloc(row, (size_t)capacity * sizeof *row);
    if (!grown) return;
    row = grown;
    row_capacity = capacity;
  }
  setcchar(&row[row_count++], text, attributes, 0, &pair);
}

uint32_t term_shown(uint32_t scalar, int width) {
  // Columns may never drift: where the C library does not agree about the width, nothing of the character is sent.
  if (scalar <= 0x7E || (utf8 && wcwidth((wchar_t)scalar) == width)) return scalar;
  return utf8 ? 0xFFFD : (uint32_t)stand_in(scalar);
}

void term_row_begin(void) { row_count = 0; }

void term_row_add(const uint32_t *scalars, int count, int width, unsigned bits, int pair) {
  wchar_t text[CCHARW_MAX + 1] = {0};
  int padding = 0;
  for (int i = 0; i < count && i < CCHARW_MAX; i++) text[i] = (wchar_t)scalars[i];
  uint32_t shown = term_shown(scalars[0], width);
  if (shown != scalars[0]) {
    text[0] = (wchar_t)shown;
    text[1] = 0;
    padding = width - 1;
  }
  attr_t attributes = attributes_of(bits);
  add(text, attributes, pair);
  if (padding) add(L" ", attributes, pair);
}

void term_row_end(int y) {
  if (row_count > 0) mvwadd_wchnstr(stdscr, y, 0, row, row_count);
}

void term_present(int x, int y, bool cursor_shown) {
  curs_set(cursor_shown ? 1 : 0);
  wmove(stdscr, y, x);
  write_string(frame_begin);
  wnoutrefresh(stdscr);
  doupdate();
  write_string(frame_end);
}

void term_repaint(void) { clearok(curscr, TRUE); }
