namespace Dynospace.Runtime.Transport;

/// <summary>A line of a watch that is no event. What it would have said is unknown, so only a new list helps.</summary>
public sealed class UndecodableEventException(string message, Exception? innerException = null) : Exception(message, innerException);
