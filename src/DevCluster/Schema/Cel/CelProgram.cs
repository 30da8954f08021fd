namespace DevCluster.Schema.Cel;

/// <summary>An expression ready to be evaluated, any number of times and from any thread.</summary>
internal sealed class CelProgram(CelCheckedExpression expression)
{
    /// <summary>No evaluation may cost more; the real API's limit.</summary>
    public const long CostLimit = 1_000_000;

    public CelCheckedExpression Expression => expression;

    public CelType ResultType => expression.ResultType;

    public bool Uses(string variable) => expression.UsedVariables.Contains(variable);

    public CelOutcome Evaluate(Func<string, object?> variables)
    {
        var evaluator = new CelEvaluator(expression, variables, CostLimit);
        try
        {
            return new CelOutcome(evaluator.Evaluate(), evaluator.Cost);
        }
        catch (CelCostException exceeded)
        {
            return new CelOutcome(new CelError(exceeded.Message), CostLimit, IsOverLimit: true);
        }
    }
}
