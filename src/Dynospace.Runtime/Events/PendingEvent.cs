using Dynospace.Runtime.Applying;

namespace Dynospace.Runtime.Events;

/// <summary>An event that was recorded and not written yet.</summary>
internal sealed record PendingEvent(OwnerIdentity Regarding, EventType Type, string Reason, string Message)
{
    /// <summary>What makes two events repeats of each other.</summary>
    public (string Uid, EventType Type, string Reason, string Message) Identity => (Regarding.Uid, Type, Reason, Message);
}
