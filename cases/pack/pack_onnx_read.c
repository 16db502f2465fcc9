/* SPDX-License-Identifier: MIT
 *
 * Reading ONNX tensors and models without trusting them: the size of files is
 * bounded, protobuf-c checks every length in them, and their contents are
 * compared with the problem or turned into one by the profile.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ref/format.h"
#include "onnx.pb-c.h"
#include "cases/pack/pack_onnx.h"
#include "cases/pack/pack_internal.h"

enum {
    IS_EXTERNAL = 1, /* data_location */
    PATH = 4400,
    MODEL_MAX = 64 << 20,   /* bytes of a foreign model */
    TENSOR_MAX = 256 << 20, /* bytes of a file of a foreign tensor */
    EXTENT_MAX = 1 << 26    /* any extent, and the elements of any tensor */
};

static int dtype_of(int32_t type)
{
    int dtype = DC_FORMATS - 1;

    while (dtype >= 0 && dc_pack_onnx_types[dtype] != type)
        dtype--;
    return dtype;
}

/* ==== A tensor ========================================================== */

/* Copies the data of a tensor, from any of its fields, as native elements.
 * Returns NULL, or what is wrong with the data. */
static const char *copy_data(const DcOnnx__Tensor *m, int dtype, int64_t count,
                             void *buffer)
{
    const size_t size = (size_t)dc_formats[dtype].size;
    const int fields = (m->has_raw_data != 0) + (m->n_float_data > 0) +
                       (m->n_double_data > 0) + (m->n_int32_data > 0);
    const void *wide = dtype == DC_F64   ? (const void *)m->double_data
                       : dtype == DC_F32 ? (const void *)m->float_data
                                         : NULL;
    const size_t found = m->has_raw_data   ? m->raw_data.len / size
                         : dtype == DC_F64 ? m->n_double_data
                         : dtype == DC_F32 ? m->n_float_data
                                           : m->n_int32_data;
    const size_t in_fields =
        m->n_float_data + m->n_double_data + m->n_int32_data;

    if (m->data_location == IS_EXTERNAL)
        return "are in another file";
    if (fields > 1)
        return "come in two fields";
    if (found != (size_t)count || (m->has_raw_data && m->raw_data.len % size))
        return "do not fit its shape";
    if (!m->has_raw_data && in_fields != found) /* only if count is 0 */
        return "are in the field of another type";
    if (m->has_raw_data)
        dc_pack_little(dtype, m->raw_data.data, buffer, count);
    else if (wide)
        memcpy(buffer, wide, found * size);
    else if (size == sizeof(uint16_t))
        for (size_t i = 0; i < found; i++) /* 16 bits of each number */
            dc_format_set_bits(dtype, buffer, (int64_t)i,
                               (uint16_t)m->int32_data[i]);
    return NULL;
}

static void read_tensor(const char *file, const DcOnnx__Tensor *m, dc_tensor t,
                        dc_pack_tensors *to)
{
    char type[24];
    dc_pack_found found = {.file = file,
                           .name = dc_tensor_names[t],
                           .name_size = (int)strlen(dc_tensor_names[t]),
                           .dtype = type,
                           .axes = (int)m->n_dims};
    const char *wrong = NULL;
    void *buffer;

    snprintf(type, sizeof type, "%d", (int)m->data_type);
    if (dtype_of(m->data_type) >= 0)
        snprintf(type, sizeof type, "%s",
                 dc_formats[dtype_of(m->data_type)].name);
    found.right_dtype = dtype_of(m->data_type) == to->p.dtype;
    for (size_t a = 0; a < m->n_dims && a < 5; a++)
        found.shape[a] = m->dims[a];
    buffer = dc_pack_accept(to, 1 << t, &found);
    if (buffer)
        wrong = copy_data(m, to->p.dtype, dc_problem_count(&to->p, t), buffer);
    if (wrong)
        dc_pack_reject(to, t, "%.100s: the numbers of %s %s", file,
                       dc_tensor_names[t], wrong);
}

static dc_status read_message(const char *file, int64_t most,
                              DcOnnx__Tensor **m, dc_error *e)
{
    char *bytes;
    size_t size;
    dc_status status = dc_pack_read_file(file, most, &bytes, &size, e);

    if (status != DC_OK)
        return status;
    *m = dc_onnx__tensor__unpack(NULL, size, (const uint8_t *)bytes);
    free(bytes);
    return *m ? DC_OK
              : dc_failed(e, "%.150s is cut off, or no ONNX tensor", file);
}

dc_status dc_pack_onnx_read(const char *base, dc_tensor_set want,
                            dc_pack_tensors *to, dc_error *e)
{
    char file[PATH];
    int64_t most;

    if (access(base, F_OK) != 0)
        return dc_failed(e, "cannot read %.150s: %s", base, strerror(errno));
    for (int k = 0; k < DC_PACK_ONNX_TENSORS; k++) {
        const dc_tensor t = dc_pack_onnx_tensors[k].t;
        DcOnnx__Tensor *m;
        dc_error why;

        if (!(want & 1 << t) || (t == DC_B && !to->p.has_bias))
            continue;
        snprintf(file, sizeof file, "%s%s", base, dc_pack_onnx_tensors[k].tail);
        /* numbers may come as varints of up to 10 bytes */
        most = dc_pack_bytes_max(&to->p, 1 << t, 10);
        if (read_message(file, most, &m, &why) != DC_OK) {
            snprintf(to->wrong[t], sizeof to->wrong[t], "%.220s", why.text);
            continue;
        }
        read_tensor(file, m, t, to);
        dc_onnx__tensor__free_unpacked(m, NULL);
    }
    return DC_OK;
}

/* ==== A foreign model =================================================== */

/* Reads a list of numbers; false if it is too long or a number too large. */
static bool ints_of(const DcOnnx__Attribute *a, dc_list *list)
{
    if (a->n_ints > sizeof list->at / sizeof *list->at)
        return false;
    for (size_t k = 0; k < a->n_ints; k++)
        if (a->ints[k] < -EXTENT_MAX || a->ints[k] > EXTENT_MAX)
            return false;
    list->count = (int)a->n_ints;
    if (a->n_ints)
        memcpy(list->at, a->ints, a->n_ints * sizeof *a->ints);
    return true;
}

/* Reads the node's attributes into a layer; false if one is impossible.  `word`
 * holds the text of auto_pad. */
static bool read_attributes(const DcOnnx__Node *node, dc_user_layer *u,
                            char word[16])
{
    const struct {
        const char *name;
        dc_list *list;
    } rows[] = {
        {"dilations", &u->dilation},
        {"kernel_shape", &u->kernel_size},
        {"output_padding", &u->output_padding},
        {"output_shape", &u->output_size},
        {"pads", &u->padding},
        {"strides", &u->stride},
    };

    for (size_t k = 0; k < node->n_attribute; k++) {
        const DcOnnx__Attribute *a = node->attribute[k];
        const char *name = a->name ? a->name : "";

        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
            if (strcmp(rows[r].name, name) == 0 && !ints_of(a, rows[r].list))
                return false;
        if (strcmp(name, "group") == 0)
            u->groups = (dc_list){1, {a->i}};
        if (strcmp(name, "auto_pad") == 0) {
            if (a->s.len >= 16)
                return false;
            if (a->s.len)
                memcpy(word, a->s.data, a->s.len);
            u->padding_word = word;
        }
    }
    /* output_shape determines the pads, whatever `pads` says */
    if (u->output_size.count)
        u->padding.count = 0;
    return true;
}

/* An input of the node: a file of the data set, or an initializer. */
typedef struct {
    DcOnnx__Tensor *own;          /* to be freed, or NULL */
    const DcOnnx__Tensor *tensor; /* NULL if there is none */
    char file[PATH];
} source;

static const DcOnnx__Tensor *initializer(const DcOnnx__Graph *graph,
                                         const char *name)
{
    for (size_t k = 0; k < graph->n_initializer; k++)
        if (graph->initializer[k]->name &&
            strcmp(graph->initializer[k]->name, name) == 0)
            return graph->initializer[k];
    return NULL;
}

static dc_status find_input(const char *dir, const DcOnnx__Graph *graph,
                            const char *name, source *s, dc_error *e)
{
    size_t number = 0; /* of the file: inputs with an initializer have none */

    snprintf(s->file, sizeof s->file, "%s/model.onnx", dir);
    s->tensor = initializer(graph, name);
    if (s->tensor)
        return DC_OK;
    for (size_t k = 0; k < graph->n_input; k++) {
        const char *input = graph->input[k]->name ? graph->input[k]->name : "";

        if (strcmp(input, name) == 0) {
            snprintf(s->file, sizeof s->file, "%s/test_data_set_0/input_%zu.pb",
                     dir, number);
            const dc_status status =
                read_message(s->file, TENSOR_MAX, &s->own, e);
            s->tensor = s->own;
            return status;
        }
        number += !initializer(graph, input);
    }
    return dc_error_set(e, DC_UNSUPPORTED, NULL, -1,
                        "%.150s: input %.40s is not there", dir, name);
}

/* Completes the layer from the shapes of X and W. */
static dc_status read_shapes(const char *dir, const DcOnnx__Tensor *x,
                             const DcOnnx__Tensor *w, bool has_bias,
                             dc_user_layer *u, dc_error *e)
{
    const size_t axes = x->n_dims;

    if (axes < 3 || axes > 5 || w->n_dims != axes)
        return dc_error_set(e, DC_UNSUPPORTED, NULL, -1,
                            "%.150s: X and W have %zu and %zu axes", dir, axes,
                            w->n_dims);
    u->rank = (int)axes - 2;
    u->in_channels = x->dims[1];
    for (size_t a = 0; a < axes; a++)
        if (x->dims[a] < 0 || x->dims[a] > EXTENT_MAX || w->dims[a] < 0 ||
            w->dims[a] > EXTENT_MAX)
            return dc_error_set(e, DC_UNSUPPORTED, NULL, -1,
                                "%.150s: an extent of X or W is not possible",
                                dir);
    if (u->groups.count &&
        (u->groups.at[0] < 1 || u->groups.at[0] > EXTENT_MAX))
        return dc_error_set(e, DC_UNSUPPORTED, NULL, -1,
                            "%.150s: the group is not possible", dir);
    u->out_channels = w->dims[1] * (u->groups.count ? u->groups.at[0] : 1);
    if (u->kernel_size.count &&
        (u->kernel_size.count != u->rank ||
         memcmp(u->kernel_size.at, w->dims + 2,
                (size_t)u->rank * sizeof *w->dims) != 0))
        return dc_error_set(e, DC_UNSUPPORTED, NULL, -1,
                            "%.150s: kernel_shape is not that of W", dir);
    u->bias = has_bias;
    u->input_axes = (int)axes;
    memcpy(u->input, x->dims, axes * sizeof *x->dims);
    u->kernel_size.count = u->rank;
    memcpy(u->kernel_size.at, w->dims + 2, (size_t)u->rank * sizeof *w->dims);
    return DC_OK;
}

/* The problem that the layer poses. */
static dc_status resolve(const char *dir, const dc_user_layer *u,
                         dc_pack_tensors *to, dc_error *e)
{
    dc_error why = {DC_OK, NULL, -1, ""};
    const dc_status status = dc_pack_onnx_profile()->resolve(u, &to->p, &why);

    /* an illegal node is no test of the operator */
    return status == DC_OK
               ? DC_OK
               : dc_error_set(e, status == DC_INVALID ? DC_UNSUPPORTED : status,
                              why.field, why.axis, "%.90s: %.160s", dir,
                              why.text);
}

static dc_status read_case(const char *dir, const DcOnnx__Graph *graph,
                           dc_pack_tensors *to, dc_error *e)
{
    const DcOnnx__Node *node = graph->node[0];
    source s[3];
    dc_user_layer u = {0};
    char word[16] = "";
    int type;
    dc_status status = DC_OK;

    memset(s, 0, sizeof s);
    for (size_t k = 0; k < node->n_input && k < 3 && status == DC_OK; k++)
        if (node->input[k][0])
            status = find_input(dir, graph, node->input[k], &s[k], e);
    if (status == DC_OK && (!s[0].tensor || !s[1].tensor))
        status = dc_error_set(e, DC_UNSUPPORTED, NULL, -1,
                              "%.150s: X or W is missing", dir);
    if (status == DC_OK && !read_attributes(node, &u, word))
        status = dc_error_set(e, DC_UNSUPPORTED, NULL, -1,
                              "%.150s: an attribute is not possible", dir);
    if (status == DC_OK)
        status = read_shapes(dir, s[0].tensor, s[1].tensor, s[2].tensor != NULL,
                             &u, e);
    if (status == DC_OK)
        status = resolve(dir, &u, to, e);
    if (status == DC_OK) {
        type = dtype_of(s[0].tensor->data_type);
        to->p.dtype = type < 0 ? DC_F32 : type;
        for (int t = DC_X; t <= DC_Y && type >= 0; t++)
            if (dc_problem_count(&to->p, (dc_tensor)t) > EXTENT_MAX)
                type = -1;
        if (type < 0)
            status = dc_error_set(e, DC_UNSUPPORTED, NULL, -1,
                                  "%.150s: the type is none of ours, or a "
                                  "tensor is too large",
                                  dir);
    }
    for (int k = 0; k < 3; k++) {
        if (status == DC_OK && s[k].tensor)
            read_tensor(s[k].file, s[k].tensor, dc_pack_onnx_tensors[k].t, to);
        if (s[k].own)
            dc_onnx__tensor__free_unpacked(s[k].own, NULL);
    }
    return status == DC_OK ? dc_pack_onnx_read(dir, 1 << DC_Y, to, e) : status;
}

dc_status dc_pack_foreign(const char *dir, dc_pack_tensors *to, dc_error *e)
{
    char file[PATH];
    char *bytes;
    size_t size;
    DcOnnx__Model *model;
    dc_status status;

    memset(to, 0, sizeof *to);
    snprintf(file, sizeof file, "%s/model.onnx", dir);
    status = dc_pack_read_file(file, MODEL_MAX, &bytes, &size, e);
    if (status != DC_OK)
        return status;
    model = dc_onnx__model__unpack(NULL, size, (const uint8_t *)bytes);
    free(bytes);
    if (!model)
        return dc_failed(e, "%.150s is cut off, or no ONNX model", file);
    if (!model->graph || model->graph->n_node != 1 ||
        !model->graph->node[0]->op_type ||
        strcmp(model->graph->node[0]->op_type, "ConvTranspose") != 0)
        status = dc_error_set(e, DC_UNSUPPORTED, "op_type", -1,
                              "%.150s is not a single ConvTranspose", file);
    else
        status = read_case(dir, model->graph, to, e);
    dc_onnx__model__free_unpacked(model, NULL);
    if (status != DC_OK)
        dc_pack_release(to);
    return status;
}
