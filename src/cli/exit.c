#include "exit.h"

enum cli_exit cli_exit_of(enum xt_status st)
{
	switch (st) {
	case XT_OK:
		return EXIT_DONE;
	case XT_E_USAGE:
		return EXIT_USAGE;
	case XT_E_DATA:
	case XT_E_VERIFY:
	case XT_E_LIMIT:
		return EXIT_REFUSED;
	case XT_E_NET:
	case XT_E_BUSY:
		return EXIT_TEMPORARY;
	case XT_E_STOPPED:
		return EXIT_INTERRUPTED;
	case XT_E_NOMEM:
	case XT_E_NOTFOUND:
	case XT_E_EXISTS:
	case XT_E_IO:
	case XT_E_BUG:
		return EXIT_FAILED;
	}
	return EXIT_FAILED;
}
