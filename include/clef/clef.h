/* clef for other programs: ECG recordings to embeddings, in C99.
 *
 *   clef_model *model;
 *   if (clef_model_open("clef-small.safetensors", &model) != CLEF_OK) puts(clef_last_error());
 *
 * Errors. Functions return CLEF_OK (0) or, below zero, what kind of trouble there was;
 * clef_last_error() then says in words what was found and what was expected. Nothing is written to
 * the results of a call that failed, apart from the length that it would have needed. No C++
 * exception leaves the library, and it never ends the process.
 *
 * Handles (clef_model, clef_recording, clef_stream) are names, not addresses: nothing is behind
 * them to be read. Each is given once in the life of a process. NULL, a handle of another kind and
 * one that was closed are recognised, and answered with CLEF_ERROR_HANDLE. Closing NULL is no
 * error. What a handle stands for is freed when it is closed, or, where another thread is using it
 * just then or a stream runs on that model, as soon as they have ended.
 *
 * Memory. Whatever a function writes, it writes into the caller's memory, of which the caller
 * states the size in elements (numbers, or bytes of text). Nothing that is passed in is kept after
 * the call has returned.
 *
 * Threads. Every function may be called from any thread at any time. Calls with one model or one
 * recording run side by side; calls with one stream wait for each other.
 *
 * Signals are float, in millivolts unless said otherwise. A missing sample is NaN; an infinite one
 * is taken for missing. Leads lie one behind the other (lead 0 with all its samples, then lead 1),
 * in streams frame by frame (a sample of each lead, then the next instant).
 *
 * ABI. Functions and structures keep their meaning and layout as long as CLEF_ABI_VERSION is the
 * same; it is also the number in libclef.so.1. New functions may appear within one version. */
#ifndef CLEF_CLEF_H
#define CLEF_CLEF_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define CLEF_API __attribute__((visibility("default")))
#else
#define CLEF_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define CLEF_ABI_VERSION 1

typedef int clef_status;
enum {
    CLEF_OK = 0,
    CLEF_NOTHING_YET = 1,      /* clef_stream_next: no window is complete */
    CLEF_ERROR_ARGUMENT = -1,  /* a pointer is NULL or a number makes no sense */
    CLEF_ERROR_HANDLE = -2,    /* NULL, closed, or of another kind */
    CLEF_ERROR_SIZE = -3,      /* the caller's memory is too small, or a length does not fit */
    CLEF_ERROR_INPUT = -4,     /* a file, model or signal that cannot be used */
    CLEF_ERROR_MEMORY = -5,
    CLEF_ERROR_RUN = -6        /* anything else */
};

typedef struct clef_model clef_model;
typedef struct clef_recording clef_recording;
typedef struct clef_stream clef_stream;

/* CLEF_ABI_VERSION of the library that is running: compare it with the header's. */
CLEF_API int clef_abi_version(void);
/* The program's version, "0.1.0". */
CLEF_API const char *clef_version(void);
/* What was wrong with this thread's last call that failed; "" when its last call did not fail.
 * Valid until the thread's next call; at most 1023 bytes of UTF-8. */
CLEF_API const char *clef_last_error(void);

/* ---- Models ---------------------------------------------------------------------------------- */

/* A model file of clef, a safetensors file or a PyTorch checkpoint that clef recognises. */
CLEF_API clef_status clef_model_open(const char *path, clef_model **model);

/* The encoder's arithmetic. float32 is the reference, and what clef_model_open gives; the others are
 * faster where the machine has their instructions, need a half and a quarter of the memory, and give
 * embeddings a little off. Encoders of the Net1D family (CLEF, ECGFounder) know all three, the others
 * float32 alone (CLEF_ERROR_INPUT). */
enum {
    CLEF_PRECISION_FLOAT32 = 0,
    CLEF_PRECISION_BFLOAT16 = 1,
    CLEF_PRECISION_INT8 = 2
};
CLEF_API clef_status clef_model_open_as(const char *path, int precision, clef_model **model);
/* CLEF_PRECISION_... of an open model, -1 for a handle that is none. */
CLEF_API int clef_model_precision(const clef_model *model);
CLEF_API clef_status clef_model_close(clef_model *model);

/* Numbers of a model; 0 for a handle that is none. */
CLEF_API double clef_model_sampling_rate(const clef_model *model); /* Hz, of prepared windows */
CLEF_API double clef_model_window_seconds(const clef_model *model);
CLEF_API size_t clef_model_window_samples(const clef_model *model); /* per lead, prepared */
CLEF_API size_t clef_model_leads(const clef_model *model);
CLEF_API size_t clef_model_embedding_size(const clef_model *model);
/* Windows in a signal of so many samples per lead at that rate: the recording is cut into whole
 * windows, one behind the other, and a shorter rest is left out. */
CLEF_API size_t clef_model_windows(const clef_model *model, size_t samples, double sampling_rate);

/* Text, with a zero behind it. *length (may be NULL) becomes its length without that zero, also
 * when the call fails with CLEF_ERROR_SIZE because `capacity` is no more than that; `text` may be
 * NULL where capacity is 0. */
CLEF_API clef_status clef_model_recipe(const clef_model *model, char *text, size_t capacity,
                                       size_t *length); /* JSON, as in the model file */
CLEF_API clef_status clef_model_lead_name(const clef_model *model, size_t lead, char *text,
                                          size_t capacity, size_t *length);

/* ---- Signals to embeddings ------------------------------------------------------------------- */

typedef struct clef_signal {
    const float *samples; /* leads * samples_per_lead numbers, one lead behind the other */
    size_t leads;
    size_t samples_per_lead;
    double sampling_rate; /* Hz */
    /* `leads` names ("I", "V5"); NULL: the model's own leads in its order. A model with one input
     * takes a lead of any name. Models that can do with fewer leads than they have need the names
     * to know which. */
    const char *const *lead_names;
} clef_signal;

/* What the encoder sees: windows * leads * clef_model_window_samples() numbers, prepared by the
 * model's recipe. CLEF_ERROR_SIZE for a signal shorter than a window. *count (may be NULL) becomes
 * the numbers written, or those needed where the call fails because of `capacity`. */
CLEF_API clef_status clef_preprocess(const clef_model *model, const clef_signal *signal,
                                     float *windows, size_t capacity, size_t *count);

/* One embedding per window, clef_model_embedding_size() numbers each: windows * embedding size
 * numbers, to the last bit what `clef embed` writes. Sizes as in clef_preprocess. */
CLEF_API clef_status clef_embed(const clef_model *model, const clef_signal *signal,
                                float *embeddings, size_t capacity, size_t *count);

/* The embedding of one window that is prepared already (by clef_preprocess, or elsewhere in the
 * same way): at the model's own rate, every number finite, of any length. */
CLEF_API clef_status clef_embed_window(const clef_model *model, const clef_signal *window,
                                       float *embedding, size_t capacity);

/* ---- Streams --------------------------------------------------------------------------------- */

enum {
    CLEF_FILTER_ZERO_PHASE = 0, /* the recipe's own: the same bits as clef_embed */
    CLEF_FILTER_CAUSAL = 1      /* forward only, state kept: see src/runtime/stream.hpp */
};

typedef struct clef_stream_options {
    double sampling_rate;          /* Hz, of the samples pushed */
    double hop_seconds;            /* 0: one window behind the other */
    int filter;                    /* CLEF_FILTER_… */
    double min_quality;            /* 0 to 1; windows below it get no embedding */
    size_t leads;                  /* 0: the model's own */
    const char *const *lead_names; /* `leads` names; NULL where leads is 0 */
} clef_stream_options;

typedef struct clef_stream_window {
    uint64_t first_sample; /* counted from the stream's beginning, gaps included */
    double start_seconds;
    double seconds;
    double missing; /* fraction of its samples */
    double quality; /* 0 to 1, of the worst lead; NaN at rates too low to tell */
    int embedded;   /* 0: no embedding was made, and `reason` says why */
    char reason[160];
} clef_stream_window;

CLEF_API clef_status clef_stream_open(const clef_model *model, const clef_stream_options *options,
                                      clef_stream **stream);
/* Takes up to `frames` frames and says how many it took (taken may be NULL): fewer when a window is
 * due that clef_stream_next() has not been asked for; ask, then push the rest. Copies the samples
 * and computes nothing that takes long. */
CLEF_API clef_status clef_stream_push(clef_stream *stream, const float *samples, size_t frames,
                                      size_t *taken);
/* The same, of samples that are missing in all leads. */
CLEF_API clef_status clef_stream_gap(clef_stream *stream, uint64_t frames, uint64_t *taken);
/* The next window and its embedding (all zeros where it has none), or CLEF_NOTHING_YET. */
CLEF_API clef_status clef_stream_next(clef_stream *stream, clef_stream_window *window,
                                      float *embedding, size_t capacity);
CLEF_API clef_status clef_stream_close(clef_stream *stream);

/* ---- Files ----------------------------------------------------------------------------------- */

typedef struct clef_read_options { /* what a file does not say itself; NULL: it says everything */
    double sampling_rate;          /* Hz; 0: the file's */
    const char *units;             /* "mV", "uV", "V", "200/mV", "NU"; NULL: the file's */
    const char *lead_names;        /* of the file's columns, "I,II,V1"; NULL: the file's */
    const char *leads;             /* those wanted, "II,V5"; NULL: all */
} clef_read_options;

/* An ECG file of any format that clef reads. */
CLEF_API clef_status clef_read(const char *path, const clef_read_options *options,
                               clef_recording **recording);
CLEF_API clef_status clef_recording_close(clef_recording *recording);
/* Numbers of a recording; 0 for a handle that is none. */
CLEF_API size_t clef_recording_leads(const clef_recording *recording);
CLEF_API size_t clef_recording_samples(const clef_recording *recording); /* per lead */
CLEF_API double clef_recording_sampling_rate(const clef_recording *recording);
/* 1 when the lead is in millivolts, 0 when its unit is not known. */
CLEF_API int clef_recording_in_millivolts(const clef_recording *recording, size_t lead);
CLEF_API clef_status clef_recording_lead_name(const clef_recording *recording, size_t lead,
                                              char *text, size_t capacity, size_t *length);
/* `count` samples of a lead from sample `from` on. */
CLEF_API clef_status clef_recording_samples_of(const clef_recording *recording, size_t lead,
                                               size_t from, size_t count, float *samples);

#ifdef __cplusplus
}
#endif

#endif
