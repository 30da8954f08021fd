using Dynospace.Runtime.Applying;

namespace Dynospace.Runtime.Events;

/// <summary>Records events for <c>kubectl describe</c> and <c>kubectl events</c>: best effort, never failing or delaying a reconcile.</summary>
public interface IEventRecorder
{
    /// <summary>Records an event about an object; repeats raise the count of one event.</summary>
    /// <param name="regarding">What it is about.</param>
    /// <param name="type">Whether it is news or a warning.</param>
    /// <param name="reason">A constant word of CamelCase.</param>
    /// <param name="message">A sentence for people; no secrets.</param>
    void Record(OwnerIdentity regarding, EventType type, string reason, string message);
}
