namespace Dynospace.Operator;

/// <summary>An option that cannot be: its message names option, value and remedy.</summary>
public sealed class OperatorConfigurationException(string message) : Exception(message);
