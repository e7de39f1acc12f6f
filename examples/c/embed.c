/* The embeddings of one ECG file, a line of numbers for each window:
 *
 *   cc -std=c99 embed.c $(pkg-config --cflags --libs clef) -o embed
 *   ./embed clef-small.safetensors recording.edf
 */
#include <clef/clef.h>
#include <stdio.h>
#include <stdlib.h>

static int failed(const char* what) {
    fprintf(stderr, "%s: %s\n", what, clef_last_error());
    return 1;
}

/* The recording's first lead, whatever it is, through a model that takes one lead. */
static int embed(const clef_model* model, const clef_recording* recording) {
    const size_t samples = clef_recording_samples(recording);
    const double rate = clef_recording_sampling_rate(recording);
    const size_t size = clef_model_embedding_size(model);
    const size_t windows = clef_model_windows(model, samples, rate);
    float* lead = malloc(samples * sizeof *lead);
    float* embeddings = malloc((windows * size + 1) * sizeof *embeddings);
    char name[32];
    const char* names[1];
    clef_signal signal;
    int result = 1;
    if (lead == NULL || embeddings == NULL) {
        fprintf(stderr, "out of memory\n");
    } else if (clef_recording_samples_of(recording, 0, 0, samples, lead) != CLEF_OK ||
               clef_recording_lead_name(recording, 0, name, sizeof name, NULL) != CLEF_OK) {
        failed("lead");
    } else {
        names[0] = name;
        signal.samples = lead;
        signal.leads = 1;
        signal.samples_per_lead = samples;
        signal.sampling_rate = rate;
        signal.lead_names = names;
        if (clef_embed(model, &signal, embeddings, windows * size, NULL) != CLEF_OK) {
            failed("embed");
        } else {
            size_t i;
            for (i = 0; i < windows * size; ++i) {
                printf("%.9g%c", embeddings[i], (i + 1) % size == 0 ? '\n' : ' ');
            }
            result = 0;
        }
    }
    free(lead);
    free(embeddings);
    return result;
}

int main(int argc, char** argv) {
    clef_model* model = NULL;
    clef_recording* recording = NULL;
    int result;
    if (argc != 3) {
        fprintf(stderr, "usage: embed MODEL RECORDING\n");
        return 2;
    }
    if (clef_abi_version() != CLEF_ABI_VERSION) {
        fprintf(stderr, "libclef is of another version than its header\n");
        return 2;
    }
    if (clef_model_open(argv[1], &model) != CLEF_OK) return failed("model");
    if (clef_read(argv[2], NULL, &recording) != CLEF_OK) {
        clef_model_close(model);
        return failed("recording");
    }
    result = embed(model, recording);
    clef_recording_close(recording);
    clef_model_close(model);
    return result;
}
