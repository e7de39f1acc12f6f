#include "runtime/precision.hpp"

#include "base/error.hpp"

namespace clef {

Precision parse_precision(const std::string& text) {
    for (const Precision precision : {Precision::float32, Precision::bfloat16, Precision::int8}) {
        if (text == precision_name(precision)) return precision;
    }
    fail_input("precision '{}'; expected float32, bfloat16 or int8", text);
}

const char* precision_name(Precision precision) {
    switch (precision) {
        case Precision::bfloat16:
            return "bfloat16";
        case Precision::int8:
            return "int8";
        default:
            return "float32";
    }
}

}  // namespace clef
