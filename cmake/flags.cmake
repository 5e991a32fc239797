# Warnings and hardening (clean under gcc 12 and clang 14), on an interface target.
find_package(Threads REQUIRED)
add_library(xt_flags INTERFACE)
target_compile_definitions(xt_flags INTERFACE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE)
target_compile_options(xt_flags INTERFACE
	-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wvla -Wundef
	-Wpointer-arith -Wcast-align -Wcast-qual -Wwrite-strings -Wformat=2
	-Wnull-dereference -Wdouble-promotion -Wimplicit-fallthrough -fno-common
	-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=
	-fstack-protector-strong -fstack-clash-protection -fcf-protection)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
	target_compile_options(xt_flags INTERFACE -Wlogical-op -Wduplicated-cond
		-Wduplicated-branches -Warith-conversion)
	set(XT_FORTIFY 3)
else()
	target_compile_options(xt_flags INTERFACE -Wcomma -Wconditional-uninitialized
		-Wunreachable-code-aggressive -Wassign-enum)
	set(XT_FORTIFY 2)
endif()
if(XT_WERROR)
	target_compile_options(xt_flags INTERFACE -Werror)
endif()
target_link_options(xt_flags INTERFACE -Wl,-z,relro,-z,now)
if(XT_SANITIZE)
	target_compile_options(xt_flags INTERFACE -fsanitize=${XT_SANITIZE}
		-fno-sanitize-recover=all -fno-omit-frame-pointer)
	target_link_options(xt_flags INTERFACE -fsanitize=${XT_SANITIZE})
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
	target_compile_options(xt_flags INTERFACE -D_FORTIFY_SOURCE=${XT_FORTIFY})
endif()
# Asserts stay alive in every build: this tool would rather stop than mislead.
foreach(t RELEASE RELWITHDEBINFO MINSIZEREL)
	string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_${t} "${CMAKE_C_FLAGS_${t}}")
endforeach()
