/* The compiled form of native.py, which Python takes instead of that where it is there.
 *
 * A record is walked once. What may differ among records, its leaves, are its integers and the texts
 * that are values, but for empty ones and those of one member, the tag: whose turn it is. The rest
 * is the skeleton, itself JSON with a "-" or a 0 for each leaf. The walk refuses, and Python decides,
 * where a text is none, a key has escapes, a number is no integer of at most fifteen digits, or there
 * is too much of anything.
 * `adapters/stencils.py` says what that is for, and sees to it that records are UTF-8.
 */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include <stdbool.h>
#include <string.h>

enum {
    MOST_RECORD = 1 << 20, /* so that all its forms together take no more than a few of these */
    MOST_LEAVES = 1024,
    MOST_SKELETON = 4096,
    MOST_DIGITS = 15, /* a double holds all of these exactly */
};

typedef struct {
    const char *start;
    Py_ssize_t size;
} Span;

typedef struct {
    Span leaf[MOST_LEAVES];
    Py_ssize_t leaves;
    char skeleton[MOST_SKELETON];
    Py_ssize_t size;
    char *room; /* for leaves that are not canonical as they stand */
} Cut;

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

static bool is_one_of(char c, const char *chars) { return c && strchr(chars, c); }

static bool keep(Cut *cut, const char *start, const char *stop)
{
    if (stop - start > MOST_SKELETON - cut->size)
        return false;
    memcpy(cut->skeleton + cut->size, start, (size_t)(stop - start));
    cut->size += stop - start;
    return true;
}

static bool leave(Cut *cut, Span leaf)
{
    if (cut->leaves == MOST_LEAVES)
        return false;
    cut->leaf[cut->leaves++] = leaf;
    return true;
}

/* The quotation mark that ends a text, NULL where it is not written as RFC 8785 would.
 *
 * Here and below, reading ends at the zero byte that CPython puts behind the bytes of an object. */
static const char *text_end(const char *at)
{
    for (;;) {
        while ((unsigned char)*at >= ' ' && *at != '"' && *at != '\\')
            at++;
        if (*at != '\\')
            return *at == '"' ? at : NULL;
        if (!is_one_of(at[1], "\"\\bfnrt"))
            return NULL;
        at += 2;
    }
}

/* The code unit that four hexadecimal digits spell, -1 where there are none. */
static int code_unit(const char *at)
{
    int unit = 0;
    for (int i = 0; i < 4; i++, at++) {
        char c = *at | ' ';
        if (!is_digit(*at) && !(c >= 'a' && c <= 'f'))
            return -1;
        unit = unit << 4 | (is_digit(*at) ? *at - '0' : c - 'a' + 10);
    }
    return unit;
}

/* A character of a text as RFC 8785 writes it; behind what was written. */
static char *put(char *to, int code)
{
    static const char digits[] = "0123456789abcdef", named[] = "\b\t\n\f\r\"\\", names[] = "btnfr\"\\";
    const char *name = code && code < 0x80 ? strchr(named, code) : NULL;
    if (name) {
        *to++ = '\\';
        *to++ = names[name - named];
    } else if (code < ' ') {
        memcpy(to, "\\u00", 4);
        to[4] = digits[code >> 4];
        to[5] = digits[code & 15];
        to += 6;
    } else if (code < 0x80) {
        *to++ = (char)code;
    } else if (code < 0x800) {
        *to++ = (char)(0xc0 | code >> 6);
        *to++ = (char)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        *to++ = (char)(0xe0 | code >> 12);
        *to++ = (char)(0x80 | (code >> 6 & 0x3f));
        *to++ = (char)(0x80 | (code & 0x3f));
    } else {
        *to++ = (char)(0xf0 | code >> 18);
        *to++ = (char)(0x80 | (code >> 12 & 0x3f));
        *to++ = (char)(0x80 | (code >> 6 & 0x3f));
        *to++ = (char)(0x80 | (code & 0x3f));
    }
    return to;
}

/* Write a text canonically, which makes none longer; its end, NULL where it is no text. */
static const char *rewrite(const char *at, char **to)
{
    while (*at != '"') {
        if ((unsigned char)*at < ' ')
            return NULL;
        if (*at != '\\') {
            *(*to)++ = *at++;
        } else if (at[1] == '/') {
            *(*to)++ = '/';
            at += 2;
        } else if (at[1] == 'u') {
            int code = code_unit(at + 2);
            if (code < 0)
                return NULL;
            at += 6;
            if (code >= 0xd800 && code < 0xe000) { /* half of a pair, or no character at all */
                int low = code < 0xdc00 && at[0] == '\\' && at[1] == 'u' ? code_unit(at + 2) : -1;
                if (low < 0xdc00 || low >= 0xe000)
                    return NULL;
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                at += 6;
            }
            *to = put(*to, code);
        } else if (is_one_of(at[1], "\"\\bfnrt")) {
            *(*to)++ = *at++;
            *(*to)++ = *at++;
        } else {
            return NULL;
        }
    }
    return at;
}

/* The end of an integer, NULL where the number is none, or would be written otherwise. */
static const char *integer_end(const char *at)
{
    bool negative = *at == '-';
    const char *digits = at += negative;
    while (is_digit(*at))
        at++;
    if (at == digits || at - digits > MOST_DIGITS || is_one_of(*at, ".eE"))
        return NULL;
    return *digits == '0' && (negative || at - digits > 1) ? NULL : at;
}

/* Take the text that begins at `*at` as a leaf, or keep it; go behind it. */
static bool cut_text(Cut *cut, const char **kept, const char **at, const Span *tag, bool *tagged)
{
    const char *start = *at + 1, *stop = text_end(start), *next;
    bool as_it_is = stop;
    char *room = cut->room;
    if (!as_it_is && !(stop = rewrite(start, &cut->room)))
        return false;
    Span text = as_it_is ? (Span){start, stop - start} : (Span){room, cut->room - room};
    *at = next = stop + 1;
    while (is_space(*next))
        next++;
    if (*next == ':') {
        *tagged = text.size == tag->size && !memcmp(text.start, tag->start, (size_t)tag->size);
        return as_it_is;
    }
    if (*tagged || !text.size)
        return as_it_is;
    if (!leave(cut, text) || !keep(cut, *kept, start) || !keep(cut, "-", &"-"[1]))
        return false;
    *kept = stop;
    return true;
}

static bool cut_integer(Cut *cut, const char **kept, const char **at)
{
    const char *start = *at, *stop = integer_end(start);
    if (!stop || !leave(cut, (Span){start, stop - start}))
        return false;
    if (!keep(cut, *kept, start) || !keep(cut, "0", &"0"[1]))
        return false;
    *kept = *at = stop;
    return true;
}

static bool cut_record(Cut *cut, const char *at, const char *end, const Span *tag)
{
    const char *kept = at;
    bool tagged = false;
    while (at < end) {
        if (*at == '"') {
            if (!cut_text(cut, &kept, &at, tag, &tagged))
                return false;
        } else if (*at == '-' || is_digit(*at)) {
            if (!cut_integer(cut, &kept, &at))
                return false;
        } else if (is_space(*at) || is_letter(*at) || is_one_of(*at, "{}[],:")) {
            at++;
        } else {
            return false;
        }
    }
    return keep(cut, kept, end);
}

static const Span *leaf_of(const Cut *cut, PyObject *number)
{
    Py_ssize_t at = number ? PyLong_AsSsize_t(number) : -1;
    if (at >= 0 && at < cut->leaves)
        return &cut->leaf[at];
    if (!PyErr_Occurred())
        PyErr_SetString(PyExc_IndexError, "the record has no such leaf");
    return NULL;
}

/* One part of a form: some bytes, or the leaf with some number. */
static bool part_of(const Cut *cut, PyObject *form, Py_ssize_t at, Span *part)
{
    PyObject *one = PyTuple_GetItem(form, at);
    if (one && PyBytes_Check(one)) {
        *part = (Span){PyBytes_AsString(one), PyBytes_Size(one)};
        return true;
    }
    const Span *leaf = leaf_of(cut, one);
    if (leaf)
        *part = *leaf;
    return leaf;
}

/* What a canonical escape stands for; `at` is behind its backslash, and then behind it. */
static char unescaped(const char **at)
{
    char c = *(*at)++;
    switch (c) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'u': return *at += 4, (char)code_unit(*at - 4);
    default: return c;
    }
}

/* A leaf as text; the end of what was written, never more than the leaf's size. */
static char *unescape(const Span *leaf, char *to)
{
    const char *from = leaf->start, *end = from + leaf->size;
    while (from < end) {
        const char *escape = memchr(from, '\\', (size_t)(end - from));
        const char *stop = escape ? escape : end;
        memcpy(to, from, (size_t)(stop - from));
        to += stop - from;
        from = stop;
        if (escape) {
            from++;
            *to++ = unescaped(&from);
        }
    }
    return to;
}

/* A form with the leaves of the record in it; where it is spoken, without their escapes. */
static PyObject *written(const Cut *cut, PyObject *form, bool spoken)
{
    Span part;
    Py_ssize_t size = 1, parts = form ? PyTuple_Size(form) : -1;
    if (parts < 0)
        return NULL;
    for (Py_ssize_t at = 0; at < parts; at++) {
        if (!part_of(cut, form, at, &part))
            return NULL;
        size += part.size;
    }
    char *text = PyMem_Malloc((size_t)size), *end = text;
    if (!text)
        return PyErr_NoMemory();
    for (Py_ssize_t at = 0; at < parts && part_of(cut, form, at, &part); at++) {
        if (spoken && !PyBytes_Check(PyTuple_GetItem(form, at))) {
            end = unescape(&part, end);
        } else {
            memcpy(end, part.start, (size_t)part.size);
            end += part.size;
        }
    }
    PyObject *out = PyBytes_FromStringAndSize(text, end - text);
    PyMem_Free(text);
    return out;
}

/* All forms of a stencil, its text, and the stencil itself. */
static PyObject *filled(const Cut *cut, PyObject *stencil)
{
    PyObject *forms = PyTuple_GetItem(stencil, 0);
    Py_ssize_t count = forms ? PyTuple_Size(forms) : -1;
    PyObject *out = count < 0 ? NULL : PyTuple_New(count + 2);
    if (!out || PyTuple_SetItem(out, count + 1, Py_NewRef(stencil)) < 0)
        return NULL;
    for (Py_ssize_t at = 0; at <= count; at++) {
        PyObject *form = at < count ? PyTuple_GetItem(forms, at) : PyTuple_GetItem(stencil, 1);
        PyObject *one = written(cut, form, at == count);
        if (!one || PyTuple_SetItem(out, at, one) < 0) {
            Py_DECREF(out);
            return NULL;
        }
    }
    return out;
}

static PyObject *pressed(Cut *cut, PyObject *record, PyObject *stencils, const Span *tag)
{
    const char *start = PyBytes_AsString(record);
    if (!cut_record(cut, start, start + PyBytes_Size(record), tag))
        Py_RETURN_NONE;
    PyObject *skeleton = PyBytes_FromStringAndSize(cut->skeleton, cut->size);
    if (!skeleton)
        return NULL;
    PyObject *stencil = PyDict_GetItemWithError(stencils, skeleton);
    if (!stencil && !PyErr_Occurred())
        return skeleton;
    Py_DECREF(skeleton);
    if (!stencil || stencil == Py_None)
        return Py_XNewRef(stencil);
    Py_INCREF(stencil);
    PyObject *out = filled(cut, stencil);
    Py_DECREF(stencil);
    return out;
}

static PyObject *press(PyObject *Py_UNUSED(module), PyObject *args)
{
    Cut cut;
    Span tag;
    PyObject *record, *stencils;
    if (!PyArg_ParseTuple(args, "SO!y#", &record, &PyDict_Type, &stencils, &tag.start, &tag.size))
        return NULL;
    Py_ssize_t size = PyBytes_Size(record);
    if (size > MOST_RECORD)
        Py_RETURN_NONE;
    char *room = PyMem_Malloc((size_t)size + 1);
    if (!room)
        return PyErr_NoMemory();
    cut.leaves = cut.size = 0;
    cut.room = room;
    PyObject *out = pressed(&cut, record, stencils, &tag);
    PyMem_Free(room);
    return out;
}

enum { STAYS = 1 << 8, FOREIGN = 1 << 9 };

/* What each byte is folded to, with flags: whether it stays at all, and whether it is not ASCII. */
static unsigned short folds[256];

static void fill_folds(void)
{
    for (int c = 0; c < 256; c++) {
        bool white = c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
        int lower = c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
        folds[c] = (unsigned short)(lower | (white ? 0 : STAYS) | (c < 0x80 ? 0 : FOREIGN));
    }
}

/* ASCII in lower case and without white space, all else as it is; and all else by itself. */
static PyObject *fold(PyObject *Py_UNUSED(module), PyObject *data)
{
    char *text;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(data, &text, &size) < 0)
        return NULL;
    char *folded = PyMem_Malloc((size_t)size * 2 + 1), *to = folded;
    if (!folded)
        return PyErr_NoMemory();
    unsigned all = 0;
    for (Py_ssize_t at = 0; at < size; at++) {
        unsigned one = folds[(unsigned char)text[at]];
        all |= one;
        *to = (char)one;
        to += (one & STAYS) != 0;
    }
    char *foreign = to;
    for (Py_ssize_t at = 0; (all & FOREIGN) && at < size; at++) {
        *to = text[at];
        to += (unsigned char)text[at] >= 0x80;
    }
    PyObject *out = Py_BuildValue("y#y#", folded, foreign - folded, foreign, to - foreign);
    PyMem_Free(folded);
    return out;
}

static PyMethodDef methods[] = {
    {"press", press, METH_VARARGS, NULL},
    {"fold", fold, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

/* A number for each way in which this may be called: what was compiled before a change is not used. */
static int is_compiled(PyObject *module)
{
    fill_folds();
    return PyModule_AddIntConstant(module, "COMPILED", 1);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, (void *)is_compiled}, {0, NULL}};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "native",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit_native(void) { return PyModuleDef_Init(&module); }
