#include "encoder/torch_zip_writer.hpp"

#include <bit>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "encoder/pickle_writer.hpp"
#include "encoder/stored_zip_writer.hpp"

namespace clef {

namespace {

static_assert(std::endian::native == std::endian::little, "tensor bytes are written as they lie");

const std::string root = "archive/";

const char* storage_class(ElementType type) {
    switch (type) {
        case ElementType::float32:
            return "FloatStorage";
        case ElementType::float16:
            return "HalfStorage";
        case ElementType::bfloat16:
            return "BFloat16Storage";
        case ElementType::float64:
            return "DoubleStorage";
        case ElementType::int64:
            return "LongStorage";
        case ElementType::int32:
            return "IntStorage";
        case ElementType::uint8:
            return "ByteStorage";
    }
    return "";
}

std::vector<std::int64_t> row_major_strides(const Shape& shape) {
    std::vector<std::int64_t> strides(shape.size(), 1);
    for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
    return strides;
}

// _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks)
void pickle_tensor(PickleWriter& pickle, const Tensor& tensor, std::size_t index) {
    pickle.global("torch._utils", "_rebuild_tensor_v2");
    pickle.mark();
    pickle.mark();
    pickle.text("storage");
    pickle.global("torch", storage_class(tensor.type));
    pickle.text(fmt::format("{}", index));
    pickle.text("cpu");
    pickle.integer(static_cast<std::int64_t>(element_count(tensor.shape)));
    pickle.tuple();
    pickle.persistent();
    pickle.integer(0);
    pickle.integers(tensor.shape);
    pickle.integers(row_major_strides(tensor.shape));
    pickle.boolean(false);
    pickle.global("collections", "OrderedDict");
    pickle.empty_tuple();
    pickle.call();
    pickle.tuple();
    pickle.call();
}

std::string pickle_tensors(const std::vector<NamedTensor>& tensors) {
    PickleWriter pickle;
    pickle.global("collections", "OrderedDict");
    pickle.empty_tuple();
    pickle.call();
    pickle.mark();
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        pickle.text(tensors[i].name);
        pickle_tensor(pickle, *tensors[i].tensor, i);
    }
    pickle.set_items();
    return pickle.finish();
}

}  // namespace

void write_torch_checkpoint(const std::vector<NamedTensor>& tensors, const std::string& note,
                            const std::filesystem::path& path) {
    AtomicFile file(path);
    StoredZipWriter zip(file);
    zip.add(root + "data.pkl", pickle_tensors(tensors));
    zip.add(root + "byteorder", std::string("little"));
    zip.add(root + "clef.json", note);
    {
        Progress progress("writing", tensors.size(), "tensors");
        for (std::size_t i = 0; i < tensors.size(); ++i) {
            zip.add(root + fmt::format("data/{}", i), std::span(tensors[i].tensor->data));
            progress.add();
        }
    }
    zip.add(root + "version", std::string("3\n"));
    zip.finish();
    file.commit();
}

}  // namespace clef
