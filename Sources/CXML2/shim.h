#pragma once
// Debian's libxml2 lets its headers pull in ICU's, whose types clash with those of the copy inside Foundation wherever a
// program has both. Nothing of libxml2's interface to ICU is used here.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
