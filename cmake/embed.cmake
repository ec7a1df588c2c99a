# What the programs carry inside: generated protobuf code, SQL, the console.

find_program(PROTOC_C protoc-c REQUIRED)
find_program(NODE node)

# tidemark_protobuf(TARGET FILE): code generated from a .proto, without our warnings.
function(tidemark_protobuf target file)
	get_filename_component(name ${file} NAME_WE)
	get_filename_component(folder ${file} DIRECTORY)
	set(out ${CMAKE_BINARY_DIR}/generated/${folder})
	file(MAKE_DIRECTORY ${out})
	add_custom_command(
		OUTPUT ${out}/${name}.pb-c.c ${out}/${name}.pb-c.h
		COMMAND ${PROTOC_C} --c_out=${out} --proto_path=${CMAKE_SOURCE_DIR}/${folder}
			${CMAKE_SOURCE_DIR}/${file}
		DEPENDS ${CMAKE_SOURCE_DIR}/${file})
	add_library(${target} STATIC ${out}/${name}.pb-c.c ${out}/${name}.pb-c.h)
	target_include_directories(${target} PUBLIC ${CMAKE_BINARY_DIR}/generated)
	target_link_libraries(${target} PUBLIC PkgConfig::protobufc)
endfunction()

# tidemark_embed_sql(TARGET): migrations and queries as generated/sql.[ch].
#   enum sql_query { SQL_<NAME>, ... SQL_QUERY_COUNT } from schema/sql/query/<name>.sql
#   sql_query_name[], sql_query_text[] by that enum; sql_migration_name[], _text[], _count
function(tidemark_embed_sql target)
	file(GLOB migrations CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/schema/sql/*.sql)
	file(GLOB queries CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/schema/sql/query/*.sql)
	set(out ${CMAKE_BINARY_DIR}/generated)
	add_custom_command(
		OUTPUT ${out}/sql.c ${out}/sql.h
		COMMAND ${CMAKE_COMMAND} -D SOURCE=${CMAKE_SOURCE_DIR}/schema/sql -D OUT=${out}
			-P ${CMAKE_SOURCE_DIR}/cmake/embed_sql.cmake
		DEPENDS ${migrations} ${queries} ${CMAKE_SOURCE_DIR}/schema/sql/access/roles.sql
			${CMAKE_SOURCE_DIR}/cmake/embed_sql.cmake)
	add_library(${target} STATIC ${out}/sql.c ${out}/sql.h)
	target_include_directories(${target} PUBLIC ${out})
endfunction()

# tidemark_embed_web(TARGET): the built console and openapi.json, gzipped, as
# generated/assets.[ch].  Without TIDEMARK_WEB the table is empty.
function(tidemark_embed_web target)
	set(out ${CMAKE_BINARY_DIR}/generated)
	if(TIDEMARK_WEB AND EXISTS ${CMAKE_SOURCE_DIR}/web/package.json)
		if(NOT NODE)
			message(FATAL_ERROR "node is needed to build the console (or -D TIDEMARK_WEB=OFF)")
		endif()
		file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/src/*
			${CMAKE_SOURCE_DIR}/web/public/* ${CMAKE_SOURCE_DIR}/web/build/*)
		list(APPEND web_sources ${CMAKE_SOURCE_DIR}/web/index.html
			${CMAKE_SOURCE_DIR}/web/package-lock.json
			${CMAKE_SOURCE_DIR}/web/vite.config.ts)
		list(FILTER web_sources EXCLUDE REGEX "\\.test\\.tsx?$")
		add_custom_command(
			OUTPUT ${out}/assets.c ${out}/assets.h
			COMMAND ${CMAKE_COMMAND} -E chdir ${CMAKE_SOURCE_DIR}/web
				${NODE} embed.mjs ${CMAKE_BINARY_DIR}/web
				${CMAKE_SOURCE_DIR}/schema/openapi.yaml ${out}
			DEPENDS ${web_sources} ${CMAKE_SOURCE_DIR}/web/embed.mjs
				${CMAKE_SOURCE_DIR}/schema/openapi.yaml
			COMMENT "Building the console")
	else()
		add_custom_command(
			OUTPUT ${out}/assets.c ${out}/assets.h
			COMMAND ${CMAKE_COMMAND} -D OUT=${out}
				-P ${CMAKE_SOURCE_DIR}/cmake/embed_no_web.cmake
			DEPENDS ${CMAKE_SOURCE_DIR}/cmake/embed_no_web.cmake)
	endif()
	add_library(${target} STATIC ${out}/assets.c ${out}/assets.h)
	target_include_directories(${target} PUBLIC ${out})
endfunction()

# tidemark_embed_census(TARGET): the function of the preload that counts a heap, as
# generated/census.[ch]: census_js, for processes whose inspector is opened instead.
function(tidemark_embed_census target)
	set(source ${CMAKE_SOURCE_DIR}/deploy/preload/tidemark-preload.js)
	set(out ${CMAKE_BINARY_DIR}/generated)
	add_custom_command(
		OUTPUT ${out}/census.c ${out}/census.h
		COMMAND ${CMAKE_COMMAND} -D SOURCE=${source} -D OUT=${out}
			-P ${CMAKE_SOURCE_DIR}/cmake/embed_census.cmake
		DEPENDS ${source} ${CMAKE_SOURCE_DIR}/cmake/embed_census.cmake)
	add_library(${target} STATIC ${out}/census.c ${out}/census.h)
	target_include_directories(${target} PUBLIC ${out})
endfunction()

# tidemark_embed_text(TARGET FILE): a file as generated/TARGET.[ch]: const char TARGET[].
function(tidemark_embed_text target file)
	set(source ${CMAKE_SOURCE_DIR}/${file})
	set(out ${CMAKE_BINARY_DIR}/generated)
	add_custom_command(
		OUTPUT ${out}/${target}.c ${out}/${target}.h
		COMMAND ${CMAKE_COMMAND} -D SOURCE=${source} -D OUT=${out} -D NAME=${target}
			-P ${CMAKE_SOURCE_DIR}/cmake/embed_text.cmake
		DEPENDS ${source} ${CMAKE_SOURCE_DIR}/cmake/embed_text.cmake)
	add_library(${target} STATIC ${out}/${target}.c ${out}/${target}.h)
	target_include_directories(${target} PUBLIC ${out})
endfunction()
