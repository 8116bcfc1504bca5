// SPDX-License-Identifier: GPL-2.0
/*
 * Does on purpose, when it is loaded, one of the things that a run in the
 * virtual machine must not pass over. For tests/vm/reports only.
 */

#include <linux/delay.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static char *how = "";
module_param(how, charp, 0);
MODULE_PARM_DESC(how, "warn, oops, leak, use-after-free, lock-order or atomic");

static DEFINE_MUTEX(lock_a);
static DEFINE_MUTEX(lock_b);
static DEFINE_SPINLOCK(spin);
static void *lost;
static int *nowhere;

static void lock_order(void)
{
	mutex_lock(&lock_a);
	mutex_lock(&lock_b);
	mutex_unlock(&lock_b);
	mutex_unlock(&lock_a);
	mutex_lock(&lock_b);
	mutex_lock(&lock_a);
	mutex_unlock(&lock_a);
	mutex_unlock(&lock_b);
}

static int __init misbehave_init(void)
{
	int i;

	if (!strcmp(how, "warn")) {
		WARN(1, "asked for a warning\n");
	} else if (!strcmp(how, "oops")) {
		WRITE_ONCE(*READ_ONCE(nowhere), 1);
	} else if (!strcmp(how, "leak")) {
		/* several: a stale copy in a register may hide one of them */
		for (i = 0; i < 8; i++)
			WRITE_ONCE(lost, kmalloc(200, GFP_KERNEL));
		WRITE_ONCE(lost, NULL);
	} else if (!strcmp(how, "use-after-free")) {
		int *p = kzalloc(sizeof(*p), GFP_KERNEL);

		if (!p)
			return -ENOMEM;
		WRITE_ONCE(lost, p);
		kfree(p);
		pr_info("%d\n", READ_ONCE(*(int *)READ_ONCE(lost)));
	} else if (!strcmp(how, "lock-order")) {
		lock_order();
	} else if (!strcmp(how, "atomic")) {
		spin_lock(&spin);
		msleep(20);
		spin_unlock(&spin);
	} else if (*how) {
		return -EINVAL;
	}
	return 0;
}
module_init(misbehave_init);

static void __exit misbehave_exit(void)
{
}
module_exit(misbehave_exit);

MODULE_DESCRIPTION("Faults for testing the test machine");
MODULE_LICENSE("GPL");
