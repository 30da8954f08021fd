namespace Dynospace.Runtime.Control;

/// <summary>A reconcile that fails again until the object changes; it is logged and not repeated.</summary>
public sealed class TerminalReconcileException(ObjectKey key, string reason, Exception? innerException = null)
    : Exception($"{key}: {reason}", innerException)
{
    /// <summary>Which object.</summary>
    public ObjectKey Key { get; } = key;
}
