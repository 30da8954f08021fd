using System.Reflection;
using System.Runtime.CompilerServices;
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
    private readonly List<string> _taken = [];
    private int _left = int.MaxValue;
    private bool _after;

    /// <summary>How many steps were taken since it was armed.</summary>
    public int Steps => _taken.Count;

    /// <summary>The steps, each by the interface and the method.</summary>
    public IReadOnlyList<string> Taken => _taken;

    public void Arm(int step, bool after)
    {
        (_left, _after) = (step, after);
        _taken.Clear();
    }

    public void Disarm() => _left = int.MaxValue;

    /// <summary>The ways to the kernel, each step of which may be the last.</summary>
    public KernelAccess Of(KernelAccess kernel) => kernel with
    {
        Nftables = Guarded(kernel.Nftables),
        Elements = Guarded(kernel.Elements),
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

    private T Guarded<T>(T inner, [CallerArgumentExpression(nameof(inner))] string name = "")
        where T : class
    {
        var proxy = DispatchProxy.Create<T, KernelStep>();
        var step = (KernelStep)(object)proxy;
        (step.Inner, step.Switch) = (inner, this);
        step.Name = name[(name.LastIndexOf('.') + 1)..];
        return proxy;
    }

    internal object? Take(string name, Func<object?> step)
    {
        _taken.Add(name);
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

    internal string Name { get; set; } = "";

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        object? Call() => targetMethod!.Invoke(
            Inner, BindingFlags.DoNotWrapExceptions, binder: null, args, culture: null);
        return targetMethod!.Name is "List" or "ListTargets" or "Find" or "Dispose"
            ? Call()
            : Switch.Take($"{Name}.{targetMethod.Name}", Call);
    }
}
