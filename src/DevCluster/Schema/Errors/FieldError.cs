namespace DevCluster.Schema.Errors;

/// <summary>One finding of validation, a cause in the 422 <c>Status</c>.</summary>
/// <param name="Field">The path, <c>spec.trustedIPRanges[2]</c>.</param>
/// <param name="Reason">The cause's reason: <c>FieldValueInvalid</c>, <c>FieldValueRequired</c>,
/// <c>FieldValueForbidden</c>, ...</param>
/// <param name="Message">The text as the real API writes it, with the offending value: <c>Invalid value: "x": must be
/// ...</c>.</param>
public sealed record FieldError(string Field, string Reason, string Message);
