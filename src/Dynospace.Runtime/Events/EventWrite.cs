namespace Dynospace.Runtime.Events;

/// <summary>What has to be written for an event.</summary>
/// <param name="Name">The event object's name.</param>
/// <param name="Count">How often it happened by now.</param>
/// <param name="FirstSeen">When it happened first.</param>
/// <param name="IsNew">Whether the object must be created; else its count and time change.</param>
internal sealed record EventWrite(string Name, int Count, DateTimeOffset FirstSeen, bool IsNew);
