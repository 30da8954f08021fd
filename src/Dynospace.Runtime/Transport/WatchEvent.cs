using System.Text.Json;

namespace Dynospace.Runtime.Transport;

/// <summary>One event of a watch. The object lives in pooled memory and is gone when the enumeration moves on.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Object">The object; of a bookmark only the resource version counts.</param>
public readonly record struct WatchEvent(WatchEventType Type, JsonElement Object);
