// The stages of a step: each divides its work into tasks and joins before the next begins.
#include "stages.h"

// Tokens up to which a row group is unpacked again for each token rather than once into a panel.
enum { DIRECT_TOKENS = 3 };
// A panel of unpacked weights stays in half of a 1 MiB second-level cache.
enum { PANEL_FLOATS = 128 * 1024, PANEL_ROWS = 64, MIN_PANEL_ROWS = 8 };

static int panel_rows(int columns) { return max(MIN_PANEL_ROWS, min(PANEL_ROWS, PANEL_FLOATS / columns / 4 * 4)); }

size_t k_scratch_floats(int maxColumns, int maxTokens, int maxHeadDim) {
  size_t panel = (size_t)max(PANEL_FLOATS, MIN_PANEL_ROWS * maxColumns);
  size_t products = (size_t)maxTokens * PANEL_ROWS;
  panel = round16(panel > k_panel_bytes() / sizeof(float) ? panel : k_panel_bytes() / sizeof(float));
  size_t attention = k_attention_scratch_floats(maxHeadDim);
  return round16(panel + products > attention ? panel + products : attention);
}

// ---- embedding and norms -------------------------------------------------------------------------------------------

typedef struct {
  const k_machine *machine;
  const k_matrix *embedding;
  const int32_t *tokens;
  float *out;
} embed_context;

static void embed_row(void *context, int t, int worker) {
  (void)worker;
  const embed_context *c = context;
  const k_matrix *e = c->embedding;
  const uint8_t *row = (const uint8_t *)e->weights + (size_t)c->tokens[t] * k_row_bytes(e->type, e->columns);
  c->machine->kernels->dequantise(e->type, row, c->out + (size_t)t * (size_t)e->columns, e->columns);
}

void k_embed(const k_machine *m, const k_matrix *embedding, const int32_t *tokens, int tokenCount, float *out) {
  embed_context context = {m, embedding, tokens, out};
  run_rows(m, embed_row, &context, tokenCount);
}

typedef struct {
  const k_machine *machine;
  const float *x, *weight;
  float epsilon;
  int columns;
  float *y;
} norm_context;

static void norm_row(void *context, int t, int worker) {
  (void)worker;
  const norm_context *c = context;
  size_t start = (size_t)t * (size_t)c->columns;
  c->machine->kernels->rmsnorm(c->y + start, c->x + start, c->weight, c->columns, c->epsilon);
}

void k_norm(const k_machine *m, const float *x, const float *weight, float epsilon, int tokenCount, int columns, float *y) {
  norm_context context = {m, x, weight, epsilon, columns, y};
  run_rows(m, norm_row, &context, tokenCount);
}

// ---- products ------------------------------------------------------------------------------------------------------

enum { LINE_INTS = 32 };  // what different threads write lies on different pairs of cache lines

typedef struct {
  const k_machine *machine;
  const k_matrix *matrices;
  int matrixCount, mode;
  const float *x;
  int tokenCount;
  k_inputs inputs[K_INPUT_FORMS];  // x rounded, in the forms that the matrices want
  int forms;                       // bit f: form f is wanted
  int taskRows;                    // rows of a matrix that a task has
  int firstTask[4];                // of each matrix
  int *nextTasks;                  // [threads, LINE_INTS]: the one that goes on where the worker's last one ended
} linear_context;

// The form in which a matrix takes its input.
static int form_of(const k_machine *m, const k_matrix *w) {
  return m->products ? k_input_form(w->type, w->columns) : K_INPUT_F32;
}

static void round_row(void *context, int t, int worker) {
  (void)worker;
  const linear_context *c = context;
  for (int form = K_INPUT_Q8; form < K_INPUT_FORMS; form++)
    if (c->forms >> form & 1)
      c->machine->products->round_inputs(c->x + (size_t)t * (size_t)c->inputs[form].columns, &c->inputs[form], t);
}

static void round_inputs(linear_context *c) {
  const k_machine *m = c->machine;
  for (int i = 0; i < c->matrixCount; i++) {
    int form = form_of(m, &c->matrices[i]);
    if (form == K_INPUT_F32 || c->forms >> form & 1) continue;
    c->forms |= 1 << form;
    void *memory = (uint8_t *)m->rounded + (size_t)form * m->roundedStride;
    c->inputs[form] = k_inputs_in(memory, form, c->matrices[i].columns, c->tokenCount);
  }
  if (c->forms) run_rows(m, round_row, c, c->tokenCount);
}

// products[t, r] for rows first ..< first + rows, with stride `stride`; isFirst where this worker did not just multiply the
// rows before.
static void multiply(const linear_context *c, const k_matrix *w, int first, int rows, int isFirst, float *panel,
                     float *products, size_t stride) {
  const k_kernels *k = c->machine->kernels;
  size_t rowBytes = k_row_bytes(w->type, w->columns), columns = (size_t)w->columns;
  const uint8_t *weights = (const uint8_t *)w->weights + (size_t)first * rowBytes;
  int form = form_of(c->machine, w);
  if (form != K_INPUT_F32) {
    const k_products *p = c->machine->products;
    const k_inputs *x = &c->inputs[form];
    if (isFirst) k_fetch_first_rows(weights, rowBytes, c->tokenCount);
    if (form == K_INPUT_BF16) {
      p->multiply_bf16(weights, rowBytes, rows, x, c->tokenCount, panel, products, stride);
    } else {
      p->multiply(w->type, weights, rowBytes, rows, x, c->tokenCount, panel, products, stride);
    }
    return;
  }
  if (c->tokenCount <= DIRECT_TOKENS) {
    for (int t = 0; t < c->tokenCount; t++)
      k->matvec(w->type, weights, rowBytes, rows, w->columns, c->x + (size_t)t * columns, products + (size_t)t * stride);
    return;
  }
  // Unpacked once, in panels that stay in the cache while all tokens pass over them.
  int step = panel_rows(w->columns);
  for (int r = 0; r < rows; r += step) {
    int count = min(step, rows - r);
    const uint8_t *source = weights + (size_t)r * rowBytes;
    for (int i = 0; i < count; i++)
      k->dequantise(w->type, source + (size_t)i * rowBytes, panel + (size_t)i * columns, w->columns);
    k->matmul(panel, count, w->columns, c->x, columns, c->tokenCount, products + r, stride);
  }
}

static void linear_task(void *context, int task, int worker) {
  const linear_context *c = context;
  const k_kernels *k = c->machine->kernels;
  int index = 0;
  while (index + 1 < c->matrixCount && c->mode != K_GATED && task >= c->firstTask[index + 1]) index++;
  const k_matrix *w = &c->matrices[index];
  int first = (task - c->firstTask[index]) * c->taskRows, rows = min(c->taskRows, w->rows - first);
  float *panel = c->machine->scratch + (size_t)worker * c->machine->scratchStride;
  size_t panelFloats = round16((size_t)max(max(PANEL_FLOATS, (int)(k_panel_bytes() / sizeof(float))), MIN_PANEL_ROWS * w->columns));
  float *products = panel + panelFloats;
  size_t stride = (size_t)rows;
  int *nextTask = &c->nextTasks[worker * LINE_INTS], isFirst = first == 0 || task != *nextTask;
  *nextTask = task + 1;

  float *out = w->out + first;
  if (c->mode == K_ACCUMULATE) {
    multiply(c, w, first, rows, isFirst, panel, products, stride);
    for (int t = 0; t < c->tokenCount; t++) k->add(out + (size_t)t * w->outStride, products + (size_t)t * stride, rows);
    return;
  }
  multiply(c, w, first, rows, isFirst, panel, out, w->outStride);
  if (c->mode == K_GATED) {
    multiply(c, &c->matrices[1], first, rows, isFirst, panel, products, stride);
    for (int t = 0; t < c->tokenCount; t++) k->silu_mul(out + (size_t)t * w->outStride, products + (size_t)t * stride, rows);
  }
}

void k_linear(const k_machine *m, const k_matrix *matrices, int matrixCount, int mode, const float *x, int tokenCount) {
  linear_context context = {
    .machine = m, .matrices = matrices, .matrixCount = matrixCount, .mode = mode, .x = x, .tokenCount = tokenCount};
  round_inputs(&context);
  int threads = k_pool_size(m->pool), allRows = 0;
  for (int i = 0; i < (mode == K_GATED ? 1 : matrixCount); i++) allRows += matrices[i].rows;
  // About four tasks a thread, so that a thread that is held up does not hold up the others for long.
  int wanted = divide_up(allRows, threads * 4), unit = context.forms ? (wanted >= 32 ? 32 : 16) : 4;
  context.taskRows = max(unit, min(PANEL_ROWS, divide_up(wanted, unit) * unit));
  int tasks = 0;
  for (int i = 0; i < (mode == K_GATED ? 1 : matrixCount); i++) {
    context.firstTask[i] = tasks;
    tasks += divide_up(matrices[i].rows, context.taskRows);
  }
  int nextTasks[threads * LINE_INTS];
  for (int i = 0; i < threads; i++) nextTasks[i * LINE_INTS] = -1;
  context.nextTasks = nextTasks;
  k_pool_run(m->pool, linear_task, &context, tasks);
}
