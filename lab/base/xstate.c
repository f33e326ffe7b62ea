/*
 * Preload for User-Mode Linux on processors with a large register state (AVX-512 with AMX).
 *
 * The kernel takes PTRACE_SETREGSET of NT_X86_XSTATE only when it is given the whole XSAVE area, and answers EFAULT to
 * less. User-Mode Linux has a buffer of fixed size, shorter than the area of these processors, and dies of that. So on
 * EFAULT: read the whole area, lay the caller's part over its beginning, and write it back whole.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

/* Larger than the area of any processor so far: AMX needs 11008 bytes. */
#define AREA_SIZE 65536

typedef long (*ptrace_function)(int request, ...);

long ptrace(enum __ptrace_request request, ...)
{
	static ptrace_function real;
	static char area[AREA_SIZE];
	va_list arguments;
	va_start(arguments, request);
	long pid = va_arg(arguments, long);
	void *address = va_arg(arguments, void *);
	void *data = va_arg(arguments, void *);
	va_end(arguments);

	if (!real)
		real = (ptrace_function)dlsym(RTLD_NEXT, "ptrace");
	long result = real(request, pid, address, data);
	if (result != -1 || errno != EFAULT || (int)request != PTRACE_SETREGSET || (long)address != NT_X86_XSTATE)
		return result;

	struct iovec whole = {area, sizeof(area)};
	const struct iovec *part = data;
	result = real(PTRACE_GETREGSET, pid, address, &whole);
	if (result == -1 || part->iov_len > whole.iov_len)
		return -1;
	memcpy(area, part->iov_base, part->iov_len);
	return real(request, pid, address, &whole);
}
