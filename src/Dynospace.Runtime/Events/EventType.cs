namespace Dynospace.Runtime.Events;

/// <summary>The weight of an event.</summary>
public enum EventType
{
    /// <summary>News.</summary>
    Normal,

    /// <summary>Something somebody should look at.</summary>
    Warning,
}
