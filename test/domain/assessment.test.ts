import { describe, expect, it } from 'vitest';
import { type Assessment, isLaxerAssessment, riskLevels, stricterAssessment, worst } from '../../shared/domain/assessment.ts';

const high: Assessment = { level: 'high', environment: 'production', factors: [] };
const critical: Assessment = { level: 'critical', environment: 'production', factors: [] };
const highElsewhere: Assessment = { level: 'high', environment: 'nonProduction', factors: [] };

describe('of two assessments', () => {
  it('the earlier stays where the later sees less danger', () => {
    expect(stricterAssessment(high, critical)).toBe(critical);
    expect(isLaxerAssessment(high, critical)).toBe(true);
  });

  it('the earlier stays where the later no longer sees production', () => {
    expect(stricterAssessment(highElsewhere, high)).toBe(high);
    expect(isLaxerAssessment(highElsewhere, high)).toBe(true);
  });

  it('the later counts where it sees more danger', () => {
    expect(stricterAssessment(critical, high)).toBe(critical);
    expect(stricterAssessment(high, highElsewhere)).toBe(high);
    expect(isLaxerAssessment(critical, high)).toBe(false);
  });

  it('the later counts where they are equal', () => {
    const later = { ...high };
    expect(stricterAssessment(later, high)).toBe(later);
  });
});

it('the worst of all levels is found, wherever it stands', () => {
  expect(riskLevels.map((level) => worst(level, 'high'))).toEqual(['high', 'high', 'high', 'critical']);
  expect(riskLevels.map((level) => worst('medium', level))).toEqual(['medium', 'medium', 'high', 'critical']);
});
