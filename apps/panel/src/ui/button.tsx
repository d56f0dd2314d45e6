import { clsx } from 'clsx';
import type { ComponentProps } from 'react';

const variants = {
  primary: 'bg-accent text-on-accent hover:brightness-110 border-transparent',
  secondary: 'bg-surface text-text border-line-strong/70 hover:bg-hover',
  ghost: 'bg-transparent text-muted border-transparent hover:bg-hover hover:text-text',
  danger: 'bg-bad text-on-bad border-transparent hover:brightness-110',
  quietDanger: 'bg-surface text-bad border-line-strong/70 hover:bg-bad/10',
} as const;

const sizes = {
  sm: 'h-8 px-2.5 gap-1.5 text-sm rounded-md',
  md: 'h-9 px-3.5 gap-2 text-base rounded-lg',
  icon: 'size-9 justify-center rounded-lg',
  iconSm: 'size-8 justify-center rounded-md',
} as const;

export interface ButtonLook {
  readonly variant?: keyof typeof variants;
  readonly size?: keyof typeof sizes;
}

export function buttonClass({ variant = 'secondary', size = 'md' }: ButtonLook = {}): string {
  return clsx(
    'inline-flex shrink-0 items-center border font-medium whitespace-nowrap transition-[background,color,filter] select-none',
    'disabled:pointer-events-none disabled:opacity-45 [&_svg]:size-4 [&_svg]:shrink-0',
    variants[variant],
    sizes[size],
  );
}

export function Button({ variant, size, className, type = 'button', ...rest }: ComponentProps<'button'> & ButtonLook) {
  return (
    <button
      type={type}
      className={clsx(
        buttonClass({ ...(variant && { variant }), ...(size && { size }) }),
        'not-has-[svg:only-child]:justify-center',
        className,
      )}
      {...rest}
    />
  );
}
