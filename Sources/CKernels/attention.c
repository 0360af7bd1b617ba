// The stages between the projections of a layer: heads into the pages, and attention over them.
#include "stages.h"

size_t k_attention_scratch_floats(int maxHeadDim) {
  return K_MAX_QUERIES * (round16((size_t)maxHeadDim) + 2 * K_PAGE_TOKENS);
}

typedef struct {
  const k_machine *machine;
  const k_head_rows *rows;
} heads_context;

static void heads_row(void *context, int t, int worker) {
  (void)worker;
  const heads_context *c = context;
  const k_head_rows *r = c->rows;
  const k_kernels *k = c->machine->kernels;
  int headDim = r->headDim;
  const float *cosine = r->cosine + (size_t)t * (size_t)(headDim / 2), *sine = r->sine + (size_t)t * (size_t)(headDim / 2);
  for (int h = 0; h < r->headCount; h++) {
    float *query = r->query + ((size_t)t * (size_t)r->headCount + (size_t)h) * (size_t)headDim;
    k->rmsnorm(query, query, r->queryNorm, headDim, r->epsilon);
    k->rope(query, cosine, sine, headDim);
  }
  float *page = r->cache + (size_t)r->page[t] * r->pageStride;
  int slot = r->slot[t];
  for (int h = 0; h < r->kvHeadCount; h++) {
    size_t start = ((size_t)t * (size_t)r->kvHeadCount + (size_t)h) * (size_t)headDim;
    float *key = r->key + start;
    k->rmsnorm(key, key, r->keyNorm, headDim, r->epsilon);
    k->rope(key, cosine, sine, headDim);
    float *keys = page + (size_t)h * r->headStride + r->keyOffset + slot;
    for (int d = 0; d < headDim; d++) keys[d * K_PAGE_TOKENS] = key[d];
    float *values = page + (size_t)h * r->headStride + r->valueOffset + (size_t)slot * r->valueStride;
    memcpy(values, r->value + start, (size_t)headDim * sizeof *values);
    for (size_t d = (size_t)headDim; d < r->valueStride; d++) values[d] = 0;
  }
}

void k_heads(const k_machine *m, const k_head_rows *rows) {
  heads_context context = {m, rows};
  run_rows(m, heads_row, &context, rows->tokenCount);
}

// ---- attention -----------------------------------------------------------------------------------------------------

typedef struct {
  const k_machine *machine;
  const k_head_rows *rows;
  const k_run *runs;
  int runCount, groupTokens;
  float scale, *out;
} attention_context;

// A task is some tokens of one run with one KV head; tasks are numbered run by run, from the last tokens, which cost most.
static void attention_task(void *context, int task, int worker) {
  const attention_context *c = context;
  const k_head_rows *r = c->rows;
  const k_run *run = c->runs;
  int head = task % r->kvHeadCount, group = task / r->kvHeadCount;
  for (int groups; group >= (groups = divide_up(run->tokenCount, c->groupTokens)); run++) group -= groups;
  int last = run->tokenCount - group * c->groupTokens, first = max(0, last - c->groupTokens);
  int groupSize = r->headCount / r->kvHeadCount;
  size_t rowStride = (size_t)r->headCount * (size_t)r->headDim;
  size_t place = (size_t)(run->firstRow + first) * rowStride + (size_t)(head * groupSize * r->headDim);
  k_attend attend = {
    .query = r->query + place,
    .out = c->out + place,
    .rowStride = rowStride,
    .tokenCount = last - first,
    .groupSize = groupSize,
    .headDim = r->headDim,
    .firstPosition = run->firstPosition + first,
    .pageTable = run->pageTable,
    .cache = r->cache + (size_t)head * r->headStride,
    .pageStride = r->pageStride,
    .keyOffset = r->keyOffset,
    .valueOffset = r->valueOffset,
    .valueStride = r->valueStride,
    .scale = c->scale,
    .scratch = c->machine->scratch + (size_t)worker * c->machine->scratchStride,
  };
  c->machine->kernels->attend(&attend);
}

void k_attention(const k_machine *m, const k_head_rows *rows, const k_run *runs, int runCount, float scale, float *out) {
  int groupSize = rows->headCount / rows->kvHeadCount;
  attention_context context = {m, rows, runs, runCount, max(1, min(K_MAX_QUERIES, 16) / groupSize), scale, out};
  int groups = 0;
  for (int i = 0; i < runCount; i++) groups += divide_up(runs[i].tokenCount, context.groupTokens);
  k_pool_run(m->pool, attention_task, &context, groups * rows->kvHeadCount);
}

void k_rope_angles(int position, const float *inverseFrequency, int count, float mscale, float *cosine, float *sine) {
  for (int i = 0; i < count; i++) {
    double angle = (double)((float)position * inverseFrequency[i]);
    cosine[i] = (float)cos(angle) * mscale;
    sine[i] = (float)sin(angle) * mscale;
  }
}
