// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs inputs of a fuzz target without a fuzzer, as TAP: where libFuzzer is
 * not, such as on other machines. It says which kind of machine it is.
 */
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
	static uint8_t data[65536];
	const uint16_t one = 1;
	size_t size;
	FILE *f;
	int i;

	printf("1..%d\n# %d-bit, %s-endian\n", argc - 1,
	       (int)sizeof(void *) * 8,
	       *(const uint8_t *)&one ? "little" : "big");
	for (i = 1; i < argc; i++) {
		f = fopen(argv[i], "rb");
		if (!f) {
			perror(argv[i]);
			return 1;
		}
		size = fread(data, 1, sizeof(data), f);
		fclose(f);
		LLVMFuzzerTestOneInput(data, size);
		printf("ok %d - %s\n", i, argv[i]);
	}
	return argc < 2;
}
