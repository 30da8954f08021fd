using System.Reflection;
using Dynospace.NodeAgent.Enforcement;

namespace Dynospace.NodeAgent.Tests.Egress;

/// <summary>The agent was killed.</summary>
internal sealed class KilledException : Exception;

/// <summary>
/// Kills an agent at any of the steps by which it changes the kernel: before the step, or right after, when the agent
/// does not know yet that it is done.
/// </summary>
internal sealed class KillSwitch
{
    private int _left = int.MaxValue;
    private bool _after;

    /// <summary>How many steps were taken since it was armed.</summary>
    public int Steps { get; private set; }

    public void Arm(int step, bool after) => (_left, _after, Steps) = (step, after, 0);

    public void Disarm() => _left = int.MaxValue;

    /// <summary>The ways to the kernel, each step of which may be the last.</summary>
    public KernelAccess Of(KernelAccess kernel) => kernel with
    {
        Nftables = Guarded(kernel.Nftables),
        Conntrack = Guarded(kernel.Conntrack),
        Network = kernel.Network with
        {
            Links = Guarded(kernel.Network.Links),
            Addresses = Guarded(kernel.Network.Addresses),
            Routes = Guarded(kernel.Network.Routes),
            Rules = Guarded(kernel.Network.Rules),
            Neighbours = Guarded(kernel.Network.Neighbours),
        },
    };

    private T Guarded<T>(T inner)
        where T : class
    {
        var proxy = DispatchProxy.Create<T, KernelStep>();
        var step = (KernelStep)(object)proxy;
        (step.Inner, step.Switch) = (inner, this);
        return proxy;
    }

    internal object? Take(Func<object?> step)
    {
        Steps++;
        var isLast = --_left == 0;
        if (isLast && !_after)
        {
            throw new KilledException();
        }

        var result = step();
        return isLast ? throw new KilledException() : result;
    }
}

/// <summary>A way to the kernel of which each call that changes something is a step.</summary>
public class KernelStep : DispatchProxy
{
    internal object Inner { get; set; } = null!;

    internal KillSwitch Switch { get; set; } = null!;

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        object? Call() => targetMethod!.Invoke(
            Inner, BindingFlags.DoNotWrapExceptions, binder: null, args, culture: null);
        return targetMethod!.Name is "List" or "ListTargets" or "Find" or "Dispose" ? Call() : Switch.Take(Call);
    }
}
