#include "cmetaschemas.h"

// The metaschemas are the JSON Schema organisation's (https://json-schema.org), which publishes them under the BSD 3-clause
// and the Academic Free License 3.0; copied without change from the Python package jsonschema-specifications (MIT).

// #embed is C23's; the package is built as the compiler's default C.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char draft_04[] = {
#embed "Metaschemas/draft-04.json"
};
static const unsigned char draft_06[] = {
#embed "Metaschemas/draft-06.json"
};
static const unsigned char draft_07[] = {
#embed "Metaschemas/draft-07.json"
};
static const unsigned char draft_2019_09[] = {
#embed "Metaschemas/draft-2019-09.json"
};
static const unsigned char draft_2019_09_applicator[] = {
#embed "Metaschemas/draft-2019-09-applicator.json"
};
static const unsigned char draft_2019_09_content[] = {
#embed "Metaschemas/draft-2019-09-content.json"
};
static const unsigned char draft_2019_09_core[] = {
#embed "Metaschemas/draft-2019-09-core.json"
};
static const unsigned char draft_2019_09_format[] = {
#embed "Metaschemas/draft-2019-09-format.json"
};
static const unsigned char draft_2019_09_meta_data[] = {
#embed "Metaschemas/draft-2019-09-meta-data.json"
};
static const unsigned char draft_2019_09_validation[] = {
#embed "Metaschemas/draft-2019-09-validation.json"
};
static const unsigned char draft_2020_12[] = {
#embed "Metaschemas/draft-2020-12.json"
};
static const unsigned char draft_2020_12_applicator[] = {
#embed "Metaschemas/draft-2020-12-applicator.json"
};
static const unsigned char draft_2020_12_content[] = {
#embed "Metaschemas/draft-2020-12-content.json"
};
static const unsigned char draft_2020_12_core[] = {
#embed "Metaschemas/draft-2020-12-core.json"
};
static const unsigned char draft_2020_12_format_annotation[] = {
#embed "Metaschemas/draft-2020-12-format-annotation.json"
};
static const unsigned char draft_2020_12_format_assertion[] = {
#embed "Metaschemas/draft-2020-12-format-assertion.json"
};
static const unsigned char draft_2020_12_meta_data[] = {
#embed "Metaschemas/draft-2020-12-meta-data.json"
};
static const unsigned char draft_2020_12_unevaluated[] = {
#embed "Metaschemas/draft-2020-12-unevaluated.json"
};
static const unsigned char draft_2020_12_validation[] = {
#embed "Metaschemas/draft-2020-12-validation.json"
};

static const metaschema_file files[] = {
    {"http://json-schema.org/draft-04/schema", draft_04, sizeof draft_04},
    {"http://json-schema.org/draft-06/schema", draft_06, sizeof draft_06},
    {"http://json-schema.org/draft-07/schema", draft_07, sizeof draft_07},
    {"https://json-schema.org/draft/2019-09/schema", draft_2019_09, sizeof draft_2019_09},
    {"https://json-schema.org/draft/2019-09/meta/applicator", draft_2019_09_applicator, sizeof draft_2019_09_applicator},
    {"https://json-schema.org/draft/2019-09/meta/content", draft_2019_09_content, sizeof draft_2019_09_content},
    {"https://json-schema.org/draft/2019-09/meta/core", draft_2019_09_core, sizeof draft_2019_09_core},
    {"https://json-schema.org/draft/2019-09/meta/format", draft_2019_09_format, sizeof draft_2019_09_format},
    {"https://json-schema.org/draft/2019-09/meta/meta-data", draft_2019_09_meta_data, sizeof draft_2019_09_meta_data},
    {"https://json-schema.org/draft/2019-09/meta/validation", draft_2019_09_validation, sizeof draft_2019_09_validation},
    {"https://json-schema.org/draft/2020-12/schema", draft_2020_12, sizeof draft_2020_12},
    {"https://json-schema.org/draft/2020-12/meta/applicator", draft_2020_12_applicator, sizeof draft_2020_12_applicator},
    {"https://json-schema.org/draft/2020-12/meta/content", draft_2020_12_content, sizeof draft_2020_12_content},
    {"https://json-schema.org/draft/2020-12/meta/core", draft_2020_12_core, sizeof draft_2020_12_core},
    {"https://json-schema.org/draft/2020-12/meta/format-annotation", draft_2020_12_format_annotation, sizeof draft_2020_12_format_annotation},
    {"https://json-schema.org/draft/2020-12/meta/format-assertion", draft_2020_12_format_assertion, sizeof draft_2020_12_format_assertion},
    {"https://json-schema.org/draft/2020-12/meta/meta-data", draft_2020_12_meta_data, sizeof draft_2020_12_meta_data},
    {"https://json-schema.org/draft/2020-12/meta/unevaluated", draft_2020_12_unevaluated, sizeof draft_2020_12_unevaluated},
    {"https://json-schema.org/draft/2020-12/meta/validation", draft_2020_12_validation, sizeof draft_2020_12_validation},
};

const metaschema_file *metaschema_files(void) { return files; }
size_t metaschema_file_count(void) { return sizeof files / sizeof files[0]; }
