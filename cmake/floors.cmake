# xt_floor(NAME SOURCES... FLOORS below... LIBS outside...): one object library a floor.
function(xt_floor name)
	cmake_parse_arguments(F "" "" "SOURCES;FLOORS;LIBS" ${ARGN})
	add_library(xt_${name} OBJECT ${F_SOURCES})
	# What the public headers declare is visible, and nothing else.
	set_target_properties(xt_${name} PROPERTIES C_VISIBILITY_PRESET hidden)
	target_include_directories(xt_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include)
	target_link_libraries(xt_${name} PUBLIC xt_flags ${F_LIBS} Threads::Threads)
	set_property(GLOBAL PROPERTY XT_FLOORS_${name} "${F_FLOORS}")
	set_property(GLOBAL PROPERTY XT_LIBS_${name} "${F_LIBS}")
endfunction()

# xt_test(NAME FLOOR SOURCES... [LIBS...]): a cmocka program that links its floor and those
# below it, and is a ctest. The working directory is the project root.
function(xt_test name floor)
	cmake_parse_arguments(T "" "" "SOURCES;LIBS;FLOORS" ${ARGN})
	add_executable(${name} ${T_SOURCES})
	target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/include
		${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/src)
	target_link_libraries(${name} PRIVATE xt_flags PkgConfig::CMOCKA ${T_LIBS})
	xt_link_floors(${name} ${floor} ${T_FLOORS})
	add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
endfunction()

# Link floors (with all below them) into a target.
function(xt_link_floors target)
	set(todo ${ARGN})
	set(seen "")
	while(todo)
		list(POP_FRONT todo f)
		if(NOT f IN_LIST seen)
			list(APPEND seen ${f})
			get_property(below GLOBAL PROPERTY XT_FLOORS_${f})
			list(APPEND todo ${below})
		endif()
	endwhile()
	foreach(f ${seen})
		get_property(libs GLOBAL PROPERTY XT_LIBS_${f})
		target_link_libraries(${target} PRIVATE $<TARGET_OBJECTS:xt_${f}> ${libs})
	endforeach()
	target_link_libraries(${target} PRIVATE Threads::Threads)
endfunction()
