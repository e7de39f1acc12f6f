# libtorch as the target clef_torch, with CUDA and NCCL where it has them.
#   (nothing)            what find_package(Torch) finds: Debian's libtorch-dev, without CUDA
#   -DCLEF_TORCH=FOLDER  a folder with include/ and lib/: a downloaded libtorch, or the folder of
#                        Python's torch package. find_package(Torch) would ask for the whole CUDA
#                        toolkit there; the headers of CUDA's runtime are all that is needed.
set(CLEF_TORCH "" CACHE PATH "A libtorch other than the one find_package(Torch) finds")
add_library(clef_torch INTERFACE)
if(CLEF_TORCH)
    # Python's torch package brings headers of another fmt along, which must not come before ours.
    get_target_property(fmt_headers fmt::fmt INTERFACE_INCLUDE_DIRECTORIES)
    file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/first)
    file(CREATE_LINK ${fmt_headers}/fmt ${PROJECT_BINARY_DIR}/first/fmt SYMBOLIC)
    target_include_directories(clef_torch SYSTEM BEFORE INTERFACE ${PROJECT_BINARY_DIR}/first)
    target_include_directories(clef_torch SYSTEM INTERFACE ${CLEF_TORCH}/include
        ${CLEF_TORCH}/include/torch/csrc/api/include)
    set(torch_libraries torch torch_cpu c10)
    if(EXISTS ${CLEF_TORCH}/lib/libtorch_cuda.so)
        list(APPEND torch_libraries torch_cuda c10_cuda)
    endif()
    list(TRANSFORM torch_libraries PREPEND ${CLEF_TORCH}/lib/lib)
    list(TRANSFORM torch_libraries APPEND .so)
    # libtorch_cuda registers itself when it is loaded; nothing calls it by name.
    # libstdc++ before it: Python's libtorch carries parts of an older one (std::filesystem), which
    # would be taken instead, and crash.
    target_link_libraries(clef_torch INTERFACE -Wl,--no-as-needed stdc++ ${torch_libraries}
        -Wl,--as-needed)
    set(torch_cuda ${CLEF_TORCH}/lib/libtorch_cuda.so)
    set(torch_folder ${CLEF_TORCH})
else()
    find_package(Torch 1.13 REQUIRED)
    target_link_libraries(clef_torch INTERFACE torch)
    get_filename_component(torch_folder "${TORCH_INSTALL_PREFIX}" ABSOLUTE)
    set(torch_cuda ${torch_folder}/lib/libtorch_cuda.so)
endif()

if(EXISTS ${torch_cuda})
    file(GLOB wheels ${torch_folder}/../nvidia/*/include)
    find_path(CLEF_CUDA_HEADERS cuda_runtime_api.h HINTS ${wheels} /usr/local/cuda/include)
    find_path(CLEF_NCCL_HEADERS nccl.h HINTS ${wheels})
    if(NOT CLEF_CUDA_HEADERS)
        message(FATAL_ERROR "This libtorch has CUDA, but there is no cuda_runtime_api.h: install the "
            "headers of CUDA's runtime and name their folder by -DCLEF_CUDA_HEADERS=…")
    endif()
    target_include_directories(clef_torch SYSTEM INTERFACE ${CLEF_CUDA_HEADERS} ${CLEF_CUDA_HEADERS}/cccl)
    # A wheel of CUDA's runtime has only the file with the version in its name.
    find_library(CLEF_CUDA_RUNTIME NAMES cudart libcudart.so.13 libcudart.so.12
        HINTS ${CLEF_CUDA_HEADERS}/../lib ${CLEF_CUDA_HEADERS}/../lib64 REQUIRED)
    target_link_libraries(clef_torch INTERFACE ${CLEF_CUDA_RUNTIME})
    target_compile_definitions(clef_torch INTERFACE CLEF_CUDA)
    if(CLEF_NCCL_HEADERS)
        target_include_directories(clef_torch SYSTEM INTERFACE ${CLEF_NCCL_HEADERS})
        target_compile_definitions(clef_torch INTERFACE CLEF_NCCL USE_C10D_NCCL)
    else()
        message(STATUS "No nccl.h: GPUs talk through Gloo")
    endif()
endif()
