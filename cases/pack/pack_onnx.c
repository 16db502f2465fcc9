/* SPDX-License-Identifier: MIT
 *
 * The format onnx: one directory per case, as in ONNX's backend tests:
 * model.onnx with one ConvTranspose, test_data_set_0/input_N.pb for X, W, B
 * and output_0.pb for Y.  Forward only.
 */
#include "cases/pack/pack_onnx.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "ref/format.h"
#include "onnx.pb-c.h"
#include "cases/pack/pack_internal.h"

const int32_t dc_pack_onnx_types[DC_FORMATS] = {11, 1, 10, 16};

/* The first version of the operator that has the type, and a version of the
 * file format that allows it. */
static const struct {
    int64_t opset, ir;
} versions[DC_FORMATS] = {{11, 6}, {11, 6}, {11, 6}, {22, 10}};
enum { IS_INT = 2, IS_STRING = 3, IS_INTS = 7 };

const dc_pack_onnx_tensor dc_pack_onnx_tensors[DC_PACK_ONNX_TENSORS] = {
    {DC_X, "X", "/test_data_set_0/input_0.pb"},
    {DC_W, "W", "/test_data_set_0/input_1.pb"},
    {DC_B, "B", "/test_data_set_0/input_2.pb"},
    {DC_Y, "Y", "/test_data_set_0/output_0.pb"},
};
enum { INPUTS = 3 }; /* those before Y */

const char *const dc_pack_variants[] = {"same_upper", "same_lower", "valid",
                                        "output_shape"};
const int dc_pack_variants_count =
    (int)(sizeof dc_pack_variants / sizeof *dc_pack_variants);

const dc_profile *dc_pack_onnx_profile(void)
{
    for (int k = 0; k < dc_profiles_count; k++)
        if (strcmp(dc_profiles[k].name, "onnx") == 0)
            return &dc_profiles[k];
    return NULL;
}

static const char *word_of(const char *variant)
{
    if (variant && strcmp(variant, "same_upper") == 0)
        return "SAME_UPPER";
    if (variant && strcmp(variant, "same_lower") == 0)
        return "SAME_LOWER";
    return variant && strcmp(variant, "valid") == 0 ? "VALID" : NULL;
}

static dc_list list_of(const int64_t *at, int count)
{
    dc_list list = {count, {0}};

    memcpy(list.at, at, (size_t)count * sizeof *at);
    return list;
}

dc_status dc_pack_variant(const dc_problem *p, const char *variant,
                          dc_problem *q, dc_error *e)
{
    const int r = p->rank;
    int64_t shape[5];
    dc_user_layer u = {.rank = r,
                       .in_channels = p->ci,
                       .out_channels = p->co,
                       .kernel_size = list_of(p->k, r),
                       .stride = list_of(p->s, r),
                       .padding_word = word_of(variant),
                       .dilation = list_of(p->d, r),
                       .groups = {1, {p->g}},
                       .bias = p->has_bias};
    dc_status status;

    if (p->unbatched)
        return dc_error_set(e, DC_UNSUPPORTED, "n", -1,
                            "ONNX has no input without a batch axis");
    u.input_axes = dc_problem_shape(p, DC_X, shape);
    memcpy(u.input, shape, (size_t)u.input_axes * sizeof *shape);
    u.output_padding = list_of(p->op, r);
    if (strcmp(variant, "output_shape") == 0)
        u.output_size = list_of(p->o, r);
    status = dc_pack_onnx_profile()->resolve(&u, q, e);
    q->size = p->size;
    q->dtype = p->dtype;
    return status;
}

dc_status dc_pack_onnx_admit(const dc_pack_case *c, dc_error *e)
{
    char text[DC_PROFILE_TEXT];
    const dc_status status = dc_pack_definite(c, e);

    /* a variant comes from the profile, so the profile can express it */
    return status != DC_OK || c->variant
               ? status
               : dc_pack_onnx_profile()->express(&c->c.p, text, sizeof text, e);
}

/* ==== Writing =========================================================== */

/* A model with everything that its messages point to. */
typedef struct {
    DcOnnx__Model model;
    DcOnnx__Graph graph;
    DcOnnx__Node node, *nodes[1];
    DcOnnx__OperatorSet opset, *opsets[1];
    DcOnnx__Attribute attribute[8], *attributes[8];
    int64_t group, lists[6][6];
    DcOnnx__ValueInfo info[INPUTS + 1], *in[INPUTS], *out[1];
    DcOnnx__Type type[INPUTS + 1];
    DcOnnx__TensorType tensor[INPUTS + 1];
    DcOnnx__Shape shape[INPUTS + 1];
    DcOnnx__Dimension dim[INPUTS + 1][5], *dims[INPUTS + 1][5];
    char *names[INPUTS], *result[1];
} model_space;

/* protobuf-c's strings are not const, although it only reads them. */
static char *text_of(const char *text)
{
    return (char *)(uintptr_t)text;
}

static DcOnnx__Attribute *add_attribute(model_space *m, const char *name,
                                        int type)
{
    DcOnnx__Attribute *a = &m->attribute[m->node.n_attribute];

    dc_onnx__attribute__init(a);
    m->attributes[m->node.n_attribute++] = a;
    a->name = text_of(name);
    a->has_type = 1;
    a->type = type;
    return a;
}

static void add_ints(model_space *m, int slot, const char *name,
                     const int64_t *at, int count, const int64_t *more)
{
    DcOnnx__Attribute *a = add_attribute(m, name, IS_INTS);

    for (int k = 0; k < count; k++) {
        m->lists[slot][k] = at[k];
        if (more)
            m->lists[slot][count + k] = more[k];
    }
    a->ints = m->lists[slot];
    a->n_ints = (size_t)(more ? 2 * count : count);
}

/* Adds the attributes in alphabetical order, including those that have their
 * default; without auto_pad unless the variant is one of its words, and without
 * the pads if the variant implies them. */
static void add_attributes(model_space *m, const dc_pack_case *c)
{
    const dc_problem *p = &c->c.p;
    const char *word = word_of(c->variant);
    DcOnnx__Attribute *a;

    if (word) {
        a = add_attribute(m, "auto_pad", IS_STRING);
        a->has_s = 1;
        a->s.data = (uint8_t *)text_of(word);
        a->s.len = strlen(word);
    }
    add_ints(m, 0, "dilations", p->d, p->rank, NULL);
    a = add_attribute(m, "group", IS_INT);
    a->has_i = 1;
    a->i = p->g;
    add_ints(m, 1, "kernel_shape", p->k, p->rank, NULL);
    add_ints(m, 2, "output_padding", p->op, p->rank, NULL);
    if (c->variant && strcmp(c->variant, "output_shape") == 0)
        add_ints(m, 3, "output_shape", p->o, p->rank, NULL);
    else if (!word)
        add_ints(m, 4, "pads", p->pb, p->rank, p->pe);
    add_ints(m, 5, "strides", p->s, p->rank, NULL);
}

static void add_info(model_space *m, int k, const dc_problem *p)
{
    const dc_pack_onnx_tensor *t = &dc_pack_onnx_tensors[k];
    int64_t shape[5];
    const int axes = dc_problem_shape(p, t->t, shape);

    dc_onnx__value_info__init(&m->info[k]);
    dc_onnx__type__init(&m->type[k]);
    dc_onnx__tensor_type__init(&m->tensor[k]);
    dc_onnx__shape__init(&m->shape[k]);
    for (int a = 0; a < axes; a++) {
        dc_onnx__dimension__init(&m->dim[k][a]);
        m->dim[k][a].has_dim_value = 1;
        m->dim[k][a].dim_value = shape[a];
        m->dims[k][a] = &m->dim[k][a];
    }
    m->shape[k].n_dim = (size_t)axes;
    m->shape[k].dim = m->dims[k];
    m->tensor[k].has_elem_type = 1;
    m->tensor[k].elem_type = dc_pack_onnx_types[p->dtype];
    m->tensor[k].shape = &m->shape[k];
    m->type[k].tensor_type = &m->tensor[k];
    m->info[k].name = text_of(t->name);
    m->info[k].type = &m->type[k];
}

static void build(model_space *m, const dc_pack_case *c)
{
    const dc_problem *p = &c->c.p;

    memset(m, 0, sizeof *m);
    dc_onnx__model__init(&m->model);
    dc_onnx__graph__init(&m->graph);
    dc_onnx__node__init(&m->node);
    dc_onnx__operator_set__init(&m->opset);
    m->model.has_ir_version = m->opset.has_version = 1;
    m->model.ir_version = versions[p->dtype].ir;
    m->opset.version = versions[p->dtype].opset;
    m->opset.domain = text_of("");
    m->model.producer_name = text_of("deconform");
    m->node.op_type = text_of("ConvTranspose");
    m->node.attribute = m->attributes;
    m->graph.name = text_of(c->id);
    for (int k = 0; k < INPUTS; k++)
        if (c->tensors[dc_pack_onnx_tensors[k].t]) {
            add_info(m, k, p);
            m->in[k] = &m->info[k];
            m->names[k] = m->info[k].name;
            m->graph.n_input = m->node.n_input = (size_t)k + 1;
        }
    add_info(m, INPUTS, p);
    add_attributes(m, c);
    m->out[0] = &m->info[INPUTS];
    m->result[0] = m->info[INPUTS].name;
    m->node.input = m->names;
    m->node.output = m->result;
    m->node.n_output = m->graph.n_output = m->graph.n_node = 1;
    m->graph.input = m->in;
    m->graph.output = m->out;
    m->nodes[0] = &m->node;
    m->graph.node = m->nodes;
    m->opsets[0] = &m->opset;
    m->model.opset_import = m->opsets;
    m->model.n_opset_import = 1;
    m->model.graph = &m->graph;
}

static dc_status put_message(const dc_pack_case *c, const char *tail,
                             const ProtobufCMessage *message, dc_pack_sink *to,
                             dc_error *e)
{
    char path[DC_PACK_PATH];
    const size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = malloc(size + 1);
    dc_status status;

    if (!bytes)
        return dc_nomem(e);
    protobuf_c_message_pack(message, bytes);
    dc_pack_path(c, tail, path);
    status = dc_pack_put(to, path, bytes, size, e);
    free(bytes);
    return status;
}

static dc_status put_tensor(const dc_pack_case *c, const dc_pack_onnx_tensor *t,
                            dc_pack_sink *to, dc_error *e)
{
    const dc_problem *p = &c->c.p;
    DcOnnx__Tensor message = DC_ONNX__TENSOR__INIT;
    int64_t shape[5];
    dc_pack_text data = {0};
    dc_status status;

    dc_pack_add_tensor(&data, p, t->t, c->tensors[t->t]);
    if (data.failed)
        return dc_nomem(e);
    message.n_dims = (size_t)dc_problem_shape(p, t->t, shape);
    message.dims = shape;
    message.has_data_type = message.has_raw_data = 1;
    message.data_type = dc_pack_onnx_types[p->dtype];
    message.name = text_of(t->name);
    message.raw_data.data = (uint8_t *)data.bytes;
    message.raw_data.len = data.size;
    status = put_message(c, t->tail, &message.base, to, e);
    free(data.bytes);
    return status;
}

dc_status dc_pack_onnx_write(const dc_pack_case *c, dc_pack_sink *to,
                             dc_error *e)
{
    model_space *m = malloc(sizeof *m);
    dc_status status;

    if (!m)
        return dc_nomem(e);
    build(m, c);
    status = put_message(c, "/model.onnx", &m->model.base, to, e);
    free(m);
    for (int k = 0; k < DC_PACK_ONNX_TENSORS && status == DC_OK; k++)
        if (c->tensors[dc_pack_onnx_tensors[k].t])
            status = put_tensor(c, &dc_pack_onnx_tensors[k], to, e);
    return status;
}
