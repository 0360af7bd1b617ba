// The stages between the projections of a layer: heads into the pages, and attention over them.
#include "stages.h"

// Twice: of a range, and of all ranges before it.
size_t k_attention_scratch_floats(int maxHeadDim) { return 2 * K_MAX_QUERIES * round16((size_t)maxHeadDim); }

// ---- heads ---------------------------------------------------------------------------------------------------------

typedef struct {
  const k_machine *machine;
  const k_head_rows *rows;
} heads_context;

// The same in 8 bits.
static void keep8(const k_head_rows *r, uint8_t *page, int slot, const float *key, const float *value) {
  int headDim = r->headDim;
  float *scales = (float *)(page + (size_t)((headDim + 1) / 2 * 2 * K_PAGE_TOKENS));
  for (int first = 0; first < headDim; first += K_KEY_BLOCK, scales += K_PAGE_TOKENS) {
    int count = min(K_KEY_BLOCK, headDim - first);
    k_steps steps = k_steps_for(key + first, count, 127);
    scales[slot] = steps.step;
    for (int d = first; d < first + count; d++)
      page[(d / 2 * K_PAGE_TOKENS + slot) * 2 + d % 2] = (uint8_t)k_round(key[d], steps.inverse);
  }
  if (headDim % 2) page[(headDim / 2 * K_PAGE_TOKENS + slot) * 2 + 1] = 0;
  uint8_t *values = page + r->valueOffset;
  k_steps steps = k_steps_for(value, headDim, 127);
  ((float *)(values + K_PAGE_TOKENS * r->valueStride))[slot] = steps.step;
  values += (size_t)(slot / 2) * 2 * r->valueStride + (size_t)(slot % 2);
  for (int d = 0; d < headDim; d++) values[2 * d] = (uint8_t)k_round(value[d], steps.inverse);
  for (size_t d = (size_t)headDim; d < r->valueStride; d++) values[2 * d] = 0;
}

// The same in 16 bits.
static void keep16(const k_head_rows *r, uint16_t *page, int slot, const float *key, const float *value) {
  int headDim = r->headDim, pairs = (headDim + 1) / 2;
  uint16_t *keys = page + r->keyOffset + 2 * slot, *values = page + r->valueOffset;
  // Rounded as vectors before they are strewn over the page.
  int16_t codes[2 * pairs];
  float step = k_round_pairs(key, headDim, codes);
  for (int i = 0; i < pairs; i++) memcpy(keys + 2 * i * K_PAGE_TOKENS, codes + 2 * i, 2 * sizeof *codes);
  memcpy(keys + 2 * pairs * K_PAGE_TOKENS, &step, sizeof step);
  k_steps steps = k_steps_for(value, headDim, K_VALUE_LEVELS);
  memcpy(values + K_PAGE_TOKENS * r->valueStride + 2 * slot, &steps.step, sizeof steps.step);
  k_round_all(value, headDim, steps.inverse, codes);
  values += (size_t)(slot / 2) * 2 * r->valueStride + (size_t)(slot % 2);
  for (int d = 0; d < headDim; d++) values[2 * d] = (uint16_t)codes[d];
  for (size_t d = (size_t)headDim; d < r->valueStride; d++) values[2 * d] = 0;
}

// A key and a value of a token to their places in a page.
static void keep(const k_kernels *k, const k_head_rows *r, size_t place, int slot, const float *key, const float *value) {
  int headDim = r->headDim;
  if (r->cacheType == K_I8) {
    keep8(r, (uint8_t *)r->cache + place + r->keyOffset, slot, key, value);
    return;
  }
  if (r->cacheType == K_I16) {
    keep16(r, (uint16_t *)r->cache + place, slot, key, value);
    return;
  }
  size_t keys = place + r->keyOffset + (size_t)slot, values = place + r->valueOffset + (size_t)slot * r->valueStride;
  if (r->cacheType == K_F16) {
    uint16_t *cache = r->cache, halves[headDim];
    k->narrow(key, halves, headDim);
    for (int d = 0; d < headDim; d++) cache[keys + (size_t)d * K_PAGE_TOKENS] = halves[d];
    k->narrow(value, cache + values, headDim);
    for (size_t d = (size_t)headDim; d < r->valueStride; d++) cache[values + d] = 0;
  } else {
    float *cache = r->cache;
    for (int d = 0; d < headDim; d++) cache[keys + (size_t)d * K_PAGE_TOKENS] = key[d];
    memcpy(cache + values, value, (size_t)headDim * sizeof *cache);
    for (size_t d = (size_t)headDim; d < r->valueStride; d++) cache[values + d] = 0;
  }
}

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
  for (int h = 0; h < r->kvHeadCount; h++) {
    size_t start = ((size_t)t * (size_t)r->kvHeadCount + (size_t)h) * (size_t)headDim;
    float *key = r->key + start;
    k->rmsnorm(key, key, r->keyNorm, headDim, r->epsilon);
    k->rope(key, cosine, sine, headDim);
    keep(k, r, k_page_place(r->page[t], r->pageStride, r->groupStride) + (size_t)h * r->headStride, r->slot[t], key, r->value + start);
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
  int groupTokens, rangeCount;  // ranges of pages: 1 where each task goes through all of them
  float scale, *out, *partials;
} attention_context;

// Some tokens of one run with one KV head.
typedef struct {
  const k_run *run;
  int head, first, last;
  size_t place;  // of the first token's first head of the group, in query and out
} attention_part;

// Parts are numbered run by run, from the last tokens, which cost most.
static attention_part part_at(const attention_context *c, int number) {
  const k_head_rows *r = c->rows;
  attention_part part = {c->runs, number % r->kvHeadCount, 0, 0, 0};
  int group = number / r->kvHeadCount;
  for (int groups; group >= (groups = divide_up(part.run->tokenCount, c->groupTokens)); part.run++) group -= groups;
  part.last = part.run->tokenCount - group * c->groupTokens;
  part.first = max(0, part.last - c->groupTokens);
  int groupSize = r->headCount / r->kvHeadCount;
  part.place = (size_t)(part.run->firstRow + part.first) * (size_t)r->headCount * (size_t)r->headDim
    + (size_t)(part.head * groupSize * r->headDim);
  return part;
}

static int page_count(const attention_part *part) { return divide_up(part->run->firstPosition + part->last, K_PAGE_TOKENS); }

static void attend_range(const attention_context *c, const attention_part *part, int range, float *sums, k_softmax *states) {
  const k_head_rows *r = c->rows;
  size_t elementBytes = (size_t)k_block_of(r->cacheType).bytes;
  k_attend attend = {
    .query = r->query + part->place,
    .rowStride = (size_t)r->headCount * (size_t)r->headDim,
    .tokenCount = part->last - part->first,
    .groupSize = r->headCount / r->kvHeadCount,
    .headDim = r->headDim,
    .firstPosition = part->run->firstPosition + part->first,
    .pageTable = part->run->pageTable,
    .firstPage = range * K_RANGE_PAGES,
    .endPage = min(page_count(part), (range + 1) * K_RANGE_PAGES),
    .cacheType = r->cacheType,
    .cache = (const uint8_t *)r->cache + (size_t)part->head * r->headStride * elementBytes,
    .pageStride = r->pageStride,
    .groupStride = r->groupStride,
    .keyOffset = r->keyOffset,
    .valueOffset = r->valueOffset,
    .valueStride = r->valueStride,
    .scale = c->scale,
    .sums = sums,
    .states = states,
  };
  const k_kernels *k = c->machine->kernels;
  (r->cacheType == K_I16 ? k->attend16 : k->attend)(&attend);
}

// Adds what a later range found to what those before it did. By plain arithmetic, once in a thousand positions.
static void join(float *sums, k_softmax *state, const float *moreSums, k_softmax more, int headDim) {
  if (more.sum == 0) return;
  float maximum = state->maximum > more.maximum ? state->maximum : more.maximum;
  float keep = expf(state->maximum - maximum), add = expf(more.maximum - maximum);
  state->sum = state->sum * keep + more.sum * add;
  state->maximum = maximum;
  for (int d = 0; d < headDim; d++) sums[d] = sums[d] * keep + moreSums[d] * add;
}

static void finish(const attention_context *c, const attention_part *part, const float *sums, const k_softmax *states) {
  const k_head_rows *r = c->rows;
  int groupSize = r->headCount / r->kvHeadCount, queries = (part->last - part->first) * groupSize;
  for (int q = 0; q < queries; q++) {
    float *out = c->out + part->place + (size_t)(q / groupSize) * (size_t)r->headCount * (size_t)r->headDim
      + (size_t)(q % groupSize * r->headDim);
    float scale = 1.0f / states[q].sum;
    for (int d = 0; d < r->headDim; d++) out[d] = sums[(size_t)q * r->valueStride + (size_t)d] * scale;
  }
}

// All ranges of a part.
static void whole_task(void *context, int task, int worker) {
  const attention_context *c = context;
  attention_part part = part_at(c, task);
  size_t stride = c->rows->valueStride;
  int queries = (part.last - part.first) * (c->rows->headCount / c->rows->kvHeadCount);
  float *sums = c->machine->scratch + (size_t)worker * c->machine->scratchStride, *more = sums + K_MAX_QUERIES * stride;
  k_softmax states[K_MAX_QUERIES], others[K_MAX_QUERIES];
  attend_range(c, &part, 0, sums, states);
  for (int range = 1; range * K_RANGE_PAGES < page_count(&part); range++) {
    attend_range(c, &part, range, more, others);
    for (int q = 0; q < queries; q++)
      join(sums + (size_t)q * stride, &states[q], more + (size_t)q * stride, others[q], c->rows->headDim);
  }
  finish(c, &part, sums, states);
}

// A part's results of a range: for each query its sums and its state.
static float *partial_at(const attention_context *c, int number, int range) {
  const k_head_rows *r = c->rows;
  size_t floats = (size_t)(c->groupTokens * (r->headCount / r->kvHeadCount)) * (r->valueStride + 2);
  return c->partials + ((size_t)number * (size_t)c->rangeCount + (size_t)range) * floats;
}

static k_softmax *partial_states(const attention_context *c, float *partial) {
  const k_head_rows *r = c->rows;
  return (k_softmax *)(partial + (size_t)(c->groupTokens * (r->headCount / r->kvHeadCount)) * r->valueStride);
}

static void range_task(void *context, int task, int worker) {
  (void)worker;
  const attention_context *c = context;
  int number = task / c->rangeCount, range = task % c->rangeCount;
  attention_part part = part_at(c, number);
  if (range * K_RANGE_PAGES >= page_count(&part)) return;
  float *partial = partial_at(c, number, range);
  attend_range(c, &part, range, partial, partial_states(c, partial));
}

static void join_ranges(const attention_context *c, int number) {
  attention_part part = part_at(c, number);
  size_t stride = c->rows->valueStride;
  int queries = (part.last - part.first) * (c->rows->headCount / c->rows->kvHeadCount);
  float *sums = partial_at(c, number, 0);
  k_softmax *states = partial_states(c, sums);
  for (int range = 1; range * K_RANGE_PAGES < page_count(&part); range++) {
    float *more = partial_at(c, number, range);
    k_softmax *others = partial_states(c, more);
    for (int q = 0; q < queries; q++)
      join(sums + (size_t)q * stride, &states[q], more + (size_t)q * stride, others[q], c->rows->headDim);
  }
  finish(c, &part, sums, states);
}

size_t k_partial_floats(int headCount, int headDim, int maxPositions) {
  size_t ranges = (size_t)divide_up(divide_up(maxPositions, K_PAGE_TOKENS), K_RANGE_PAGES);
  // As many parts as tokens, each with room for as many.
  size_t queries = (size_t)(K_SPLIT_TOKENS * K_SPLIT_TOKENS) * (size_t)headCount;
  return ranges * queries * (round16((size_t)headDim) + 2);
}

void k_attention(const k_machine *m, const k_head_rows *rows, const k_run *runs, int runCount, float scale, float *out,
                 float *partials) {
  int groupSize = rows->headCount / rows->kvHeadCount, groups = 0, tokens = 0, positions = 0;
  int most = rows->cacheType == K_I16 ? 24 : 16;  // whole tiles of 6 or 4 queries
  attention_context context = {m, rows, runs, max(1, most / groupSize), 1, scale, out, partials};
  for (int i = 0; i < runCount; i++) {
    groups += divide_up(runs[i].tokenCount, context.groupTokens);
    tokens += runs[i].tokenCount;
    positions = max(positions, runs[i].firstPosition + runs[i].tokenCount);
  }
  int parts = groups * rows->kvHeadCount, ranges = divide_up(divide_up(positions, K_PAGE_TOKENS), K_RANGE_PAGES);
  if (ranges == 1 || tokens > K_SPLIT_TOKENS || parts >= 4 * k_pool_size(m->pool)) {
    k_pool_run(m->pool, whole_task, &context, parts);
    return;
  }
  context.groupTokens = min(context.groupTokens, tokens);
  context.rangeCount = ranges;
  k_pool_run(m->pool, range_task, &context, parts * ranges);
  for (int number = 0; number < parts; number++) join_ranges(&context, number);
}

void k_rope_angles(int position, const float *inverseFrequency, int count, float mscale, float *cosine, float *sine) {
  for (int i = 0; i < count; i++) {
    double angle = (double)((float)position * inverseFrequency[i]);
    cosine[i] = (float)cos(angle) * mscale;
    sine[i] = (float)sin(angle) * mscale;
  }
}
